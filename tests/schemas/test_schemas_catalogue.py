"""The catalogue, the ids and the reasons: complete, consistent, and spelt in one place."""
from __future__ import annotations

import re
import uuid

import pytest

from schemas import catalogue, ids
from schemas.catalogue import AVRO, BY_ID, COPARTITIONED, KINDS, PARTITIONS, PERSON_TOPICS, TOPICS
from schemas.errors import ContractViolation
from schemas.figures import FIGURE_COMMON, PLACE_KINDS
from schemas.reasons import MEANING, Reason
from schemas.released import COMMON, RELEASED, VERSIONS, field_names, specific_fields

DAY_MS = 86_400_000


def test_every_record_stands_on_one_topic_and_every_topic_record_is_released() -> None:
    listed = [kind for topic in TOPICS.values() for kind in topic.kinds]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(VERSIONS) == {path.stem.split(".")[0] for path in AVRO.glob("*.avsc")}


def test_ids_are_small_positive_and_never_shared() -> None:
    numbers = [row.id for row in RELEASED.values()]
    assert len(numbers) == len(set(numbers))
    assert all(0 < number < 2**31 for number in numbers)


@pytest.mark.parametrize("name", TOPICS)
def test_topic_name_has_the_agreed_form(name: str) -> None:
    assert re.fullmatch(r"toc(\.([a-z][a-z-]*|<partner>)){1,2}\.v\d+", name)


@pytest.mark.parametrize("kind", KINDS)
def test_event_type_has_the_agreed_form_and_leads_back(kind: str) -> None:
    assert re.fullmatch(r"toc\.[a-z][a-z-]*\.[a-z][a-z-]*\.v1", catalogue.ce_type(kind))
    assert catalogue.kind_of(catalogue.ce_type(kind)) == kind


def test_the_types_partners_write_are_these() -> None:
    assert catalogue.ce_type("SpellAdmitted") == "toc.spell.admitted.v1"
    assert catalogue.ce_type("NoticeToldByPhone") == "toc.notice.told-by-phone.v1"
    assert catalogue.ce_type("NoticeAcknowledged") == "toc.notice.acknowledged.v1"
    assert catalogue.ce_type("MatchDecided") == "toc.match.decided.v1"


@pytest.mark.parametrize("look_up", [catalogue.topic_of, catalogue.ce_type, catalogue.kind_of])
def test_an_unknown_name_is_a_verdict(look_up: object) -> None:
    assert callable(look_up)
    with pytest.raises(ContractViolation, match="UNKNOWN_EVENT_TYPE"):
        look_up("toc.nothing.happened.v1")


def test_person_topics_are_the_folded_ones_and_never_identifiable() -> None:
    assert len(PERSON_TOPICS) == 9
    assert catalogue.IDENTITY_PERSON not in PERSON_TOPICS
    for name in PERSON_TOPICS:
        assert TOPICS[name].data_class == "pseudonymised"
        assert all(specific_fields(kind) is not None for kind in TOPICS[name].kinds)
    assert set(PERSON_TOPICS) | {catalogue.FORWARD, catalogue.VIEW_TRANSFER} <= set(COPARTITIONED)


def test_co_partitioned_topics_share_one_partition_count() -> None:
    assert {TOPICS[name].partitions for name in COPARTITIONED} == {PARTITIONS["demo"]}
    assert PARTITIONS == {"demo": 6, "production": 24}


def test_retention_follows_the_rules_of_the_design() -> None:
    for name in PERSON_TOPICS:
        assert int(TOPICS[name].settings()["retention.ms"]) >= 2 * 400 * DAY_MS
    view = TOPICS[catalogue.VIEW_TRANSFER].settings()
    assert (view["cleanup.policy"], view["delete.retention.ms"]) == ("compact", str(7 * DAY_MS))
    assert catalogue.CHANGELOG["delete_retention_hours"] == 1
    for topic in TOPICS.values():
        if topic.internal:
            assert topic.cleanup == "delete"
            assert int(topic.settings()["retention.ms"]) >= 14 * DAY_MS
    assert (BY_ID["raw"].retention_days or 0) < (BY_ID["task"].retention_days or 0)


def test_only_restricted_topics_hold_identifiable_records() -> None:
    found = {topic.name for topic in TOPICS.values() if topic.data_class == "identifiable"}
    assert found == {catalogue.IDENTITY_PERSON, catalogue.RAW_PATTERN}
    names = {"family", "given", "birth_date", "postcode", "ids", "nhs_number"}
    for kind in (kind for topic in TOPICS.values() if topic.name not in found for kind in topic.kinds):
        assert not names & set(field_names(kind))


def test_raw_topic_names_the_partner() -> None:
    assert catalogue.raw_topic("pruh-adt") == "toc.raw.pruh-adt.v1"


def test_person_events_begin_with_the_common_fields() -> None:
    plain = {kind for kind in KINDS if field_names(kind)[: len(COMMON)] != COMMON}
    own = {"TransferView", "MeasureView", "ActionView", "ViewProgress", "Quarantined", "RawKept"}
    alerts = {"AlertView", *TOPICS[catalogue.ALERT].kinds}
    assert plain == {"FeedHeard", "FeedSilent", "FeedRecovered", *own, *alerts, *PLACE_KINDS}


def test_figures_begin_with_their_common_fields_and_are_about_nobody() -> None:
    assert all(field_names(kind)[: len(FIGURE_COMMON)] == FIGURE_COMMON for kind in PLACE_KINDS)
    assert catalogue.CAPACITY not in PERSON_TOPICS
    assert TOPICS[catalogue.CAPACITY].data_class == "aggregate"
    assert not any(name.startswith("person") for kind in PLACE_KINDS for name in field_names(kind))


def test_withdrawn_bits_fit_a_long() -> None:
    assert all(len(field_names(kind)) - len(COMMON) < 63 for kind in KINDS)


def test_every_reason_has_one_line_of_meaning() -> None:
    assert set(MEANING) == set(Reason)
    assert all(text.endswith(".") and "\n" not in text for text in MEANING.values())
    assert all(reason.name == reason.value for reason in Reason)


@pytest.mark.parametrize(("made", "pinned"), [
    (ids.event_id("pruh-adt", "MSG1", "", "SpellAdmitted:V1"), "1ebd352d-64b4-554a-8f9c-a2214d047cc2"),
    (ids.spell_id("RJZ-VISIT", "V1203344"), "dad38d10-7d36-5ee0-b77b-57a34adedfcd"),
    (ids.package_id("LBB", "PK-2231"), "4e879cf7-0d59-54b0-a8bb-75ea7b44d06c"),
    (ids.notice_id("spell", "discharged", "fact", "lbb"), "2347be49-8bd1-5f88-b262-78386922f796"),
])
def test_ids_never_change(made: str, pinned: str) -> None:
    assert made == pinned
    assert uuid.UUID(made).version == 5


def test_ids_keep_kinds_and_parts_apart() -> None:
    made = [
        ids.spell_id("A", "BC"), ids.spell_id("AB", "C"), ids.spell_id("A", "BC", "L"),
        ids.package_id("A", "BC"), ids.support_id("A", "BC"), ids.row_id("A", "BC"),
        ids.task_id("A", "B", "C"), ids.task_id("A", "BC", ""),
    ]
    assert len(set(made)) == len(made)
