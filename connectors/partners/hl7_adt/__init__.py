"""HL7 v2 ADT of a hospital: reading, scope, splitting and translation of one partner kind."""
