"""The join: hospital, hub, council and charity as one transfer of care, told and un-told (design.md §4)."""
