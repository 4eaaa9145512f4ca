"""Contract tests: every private part of Faust and aiokafka the engine stands on. A failure here after an
upgrade says what to read again before the pins move (streaming.md §4.10 "Private touchpoints").
"""

from __future__ import annotations

import asyncio
import inspect
import re
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment, TopicPartitionState
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.structs import TopicPartition
from faust.stores.base import Store
from faust.streams import Stream
from faust.tables.base import Collection
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.services import Service, ServiceTask

from streams.engine import app, consumer, recovery, stock, table, thread

PINS = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}

Thread = driver.AIOKafkaConsumerThread
PARAMETERS = [
    (faust.App._new_transport, "self"),
    (faust.App.on_stop, "self"),
    (driver.Consumer._drain_messages, "self fetcher"),
    (driver.Consumer._wait_next_records, "self timeout"),
    (driver.Consumer.perform_seek, "self"),
    (driver.Consumer.force_commit, "self topics start_new_transaction"),
    (driver.Consumer._filter_tps_with_pending_acks, "self topics"),
    (driver.Consumer._new_offset, "self tp"),
    (driver.Consumer.on_partitions_assigned, "self assigned generation_id"),
    (driver.Consumer.on_partitions_revoked, "self revoked"),
    (driver.Consumer._new_consumer_thread, "self"),
    (driver.Consumer.stop_flow, "self"),
    (Thread.earliest_offsets, "self partitions"),
    (Thread._create_worker_consumer, "self transport"),
    (Thread._fetch_records, "self consumer active_partitions timeout max_records"),
    (Thread.highwater, "self tp"),
    (Thread.seek_wait, "self partitions"),
    (Thread.topic_partitions, "self topic"),
    (Thread.on_start, "self"),
    (driver.ensure_aiokafka_TP, "tp"),
    (driver.Producer._settings_default, "self"),
    (driver.Producer._settings_auth, "self"),
    (driver.Producer._settings_extra, "self"),
    (Recovery.on_rebalance, "self assigned revoked newly_assigned generation_id"),
    (Recovery.need_recovery, "self"),
    (Recovery._seek_offsets, "self consumer tps offsets title"),
    (Recovery._set_recovery_started, "self"),
    (Collection._changelog_topic_name, "self"),
    (Collection._new_store, "self"),
    (Collection.apply_changelog_batch, "self batch"),
    (Collection.send_changelog, "self partition key value key_serializer value_serializer"),
    (GroupCoordinator._do_heartbeat, "self"),
    (GroupCoordinator.request_rejoin, "self"),
    (GroupCoordinator.reset_generation, "self"),
    (TransactionManager.is_in_transaction, "self"),
    (BatchBuilder.append, "self timestamp key value headers"),
    (AIOKafkaProducer.create_batch, "self"),
    (AIOKafkaProducer.send_batch, "self batch topic partition"),
    (AIOKafkaProducer.begin_transaction, "self"),
    (AIOKafkaProducer.commit_transaction, "self"),
    (AIOKafkaProducer.abort_transaction, "self"),
    (AIOKafkaProducer.partitions_for, "self topic"),
    (AIOKafkaConsumer.committed, "self partition"),
    (AIOKafkaConsumer.seek, "self partition offset"),
]


def source(of: Any) -> str:
    return inspect.getsource(of.fun if isinstance(of, ServiceTask) else of)


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in the text one after another."""
    at = 0
    for part in parts:
        at = text.find(part, at) + 1
        if not at:
            return False
    return True


@pytest.mark.parametrize(("package", "pinned"), sorted(PINS.items()))
def test_pinned_versions_are_the_ones_that_were_read(package: str, pinned: str) -> None:
    assert version(package) == pinned


@pytest.mark.parametrize(("function", "parameters"), PARAMETERS, ids=lambda p: getattr(p, "__qualname__", ""))
def test_private_signature_is_as_read(function: Any, parameters: str) -> None:
    assert list(inspect.signature(function).parameters) == parameters.split()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (app.BatchApp, faust.App),
        (consumer.BatchConsumer, driver.Consumer),
        (thread.BatchThread, driver.AIOKafkaConsumerThread),
        (recovery.PositionRecovery, Recovery),
        (recovery.PositionTables, TableManager),
        (table.ChangelogTable, faust.Table),
        (app.IdempotentProducer, driver.Producer),
    ],
)
def test_every_private_override_overrides_something(ours: type, theirs: type) -> None:
    """A renamed method of Faust's would leave ours uncalled: everything we define with its name must exist
    there.
    """
    own = {
        "_changelog_of", "_pause_all_but", "_put_back", "_state", "_in_thread",  # thread
        "_complete", "_ask_again", "_halt_sources", "_begin", "_deliver", "_tell_monitor", "_after_fetch",
        "_check_stall",
    }  # fmt: skip
    private = {
        n for n, v in vars(ours).items() if n.startswith("_") and not n.startswith("__") and callable(v)
    }
    assert {name for name in private - own if not hasattr(theirs, name)} == set()


def test_store_has_no_further_abstract_parts() -> None:
    assert Store.__abstractmethods__ <= set(dir(table.NoStore))
    assert not table.NoStore.__abstractmethods__


def test_recovery_goes_ends_then_offsets_then_seek_then_read() -> None:
    """Ends are read after our producers started, in the assigned callback; the seek arms, reading follows."""
    text = source(Recovery._restart_recovery)
    assert in_order(
        text,
        "self._build_highwaters", "self._build_offsets", "self._seek_offsets", "self.need_recovery()",
        "consumer.resume_partitions", "self.signal_recovery_end.wait()", "self.on_recovery_completed",
    )  # fmt: skip
    assert "value - 1" in source(Recovery._build_highwaters)
    assert "offset - 1" in source(Recovery._build_offsets)


def test_recovery_completed_ends_it_before_it_seeks() -> None:
    """`recovered` must be true when Faust calls our perform_seek."""
    text = source(Recovery.on_recovery_completed)
    assert in_order(text, "_set_recovery_ended()", "consumer.perform_seek()", "resume_flow()")


def test_the_record_by_record_recovery_is_replaced() -> None:
    assert isinstance(Recovery._slurp_changelogs, ServiceTask)
    assert isinstance(recovery.PositionRecovery._slurp_changelogs, ServiceTask)
    tasks = recovery.PositionRecovery._tasks[recovery.PositionRecovery._get_class_id()]
    assert tasks == {"_restart_recovery", "_slurp_changelogs", "_publish_stats"}


def test_ends_are_asked_with_the_consumers_isolation_level() -> None:
    """So that ListOffsets names the last stable offset."""
    assert "self._isolation_level" in source(fetcher.Fetcher._proc_offset_request)


def test_the_consumer_reads_our_two_settings_when_it_starts() -> None:
    text = source(AIOKafkaConsumer.start)
    assert "isolation_level=self._isolation_level" in text
    assert "fetch_max_wait_ms=self._fetch_max_wait_ms" in text


def test_heartbeats_go_through_the_method_that_is_watched() -> None:
    assert "self._do_heartbeat()" in source(GroupCoordinator._heartbeat_routine)


def test_a_refused_member_loses_both_marks() -> None:
    """The two answers of the broker that mean a loss end in reset_generation, which clears id and
    generation.
    """
    asked: list[str] = []
    member = SimpleNamespace(generation=7, member_id="m-1", request_rejoin=lambda: asked.append("rejoin"))
    GroupCoordinator.reset_generation(member)
    assert (member.generation, member.member_id, asked) == (-1, "", ["rejoin"])
    text = source(GroupCoordinator._do_heartbeat)
    assert in_order(
        text, "IllegalGenerationError", "reset_generation()", "UnknownMemberIdError", "reset_generation()"
    )


def test_one_callback_for_revoked_and_lost() -> None:
    """aiokafka tells them not apart: if it learns to, ours should listen."""
    assert not hasattr(driver.ConsumerRebalanceListener, "on_partitions_lost")
    assert "on_partitions_revoked(revoked)" in source(GroupCoordinator._on_join_prepare)


def test_the_generation_is_known_before_the_assigned_callback() -> None:
    text = source(driver.ConsumerRebalanceListener.on_partitions_assigned)
    assert in_order(text, "consumer_generation_id = generation", "on_partitions_assigned")


def test_out_of_range_and_no_commit_are_errors_without_a_reset_policy() -> None:
    text = inspect.getsource(fetcher.Fetcher)
    assert in_order(text, "OffsetOutOfRangeError:", "OffsetResetStrategy.NONE", "self._set_error(tp, err)")
    assert in_order(text, "UNKNOWN_OFFSET", "OffsetResetStrategy.NONE", "NoOffsetForPartitionError(tp)")
    assert fetcher.OffsetResetStrategy.from_str("none") == fetcher.OffsetResetStrategy.NONE
    assert "del self._records[tp]" in source(fetcher.Fetcher.seek_to)


def test_a_producer_refused_for_good_keeps_what_the_broker_said() -> None:
    """Our flush names it where a call says first that there is no transaction any more."""
    assert "_txn_manager" in source(AIOKafkaProducer.begin_transaction)
    assert "FATAL_ERROR" in source(TransactionManager.is_fatal_error)
    assert "return self._transaction_waiter" in source(TransactionManager.wait_for_transaction_end)
    text = source(TransactionManager.fatal_error)
    assert in_order(text, "TransactionState.FATAL_ERROR", "self._transaction_waiter.set_exception(exc)")


def test_partition_state_has_what_is_read_from_the_other_thread() -> None:

    async def fresh() -> TopicPartitionState:
        return TopicPartitionState(None)

    state = asyncio.run(fresh())
    assert (state._position, state.lso, state.highwater, state.paused) == (None, None, None, False)
    state.seek(5)
    assert state._position == 5
    text = inspect.getsource(Assignment)
    assert "self._tp_state" in text
    assert "def state_value" in text
    assert "def tps" in text


def test_topic_partitions_of_both_kinds_are_one_key() -> None:
    """States are looked up by Faust's TP in a dict keyed by aiokafka's."""
    assert {TopicPartition("t", 1): "found"}[faust.types.TP("t", 1)] == "found"


def test_shutdown_stops_tables_before_the_last_commit() -> None:
    """Hence our settle comes before Faust's on_stop (streaming.md §3.2)."""
    assert "tables.stop()" in source(faust.App._stop_consumer)
    assert in_order(source(app.BatchApp.on_stop), "settle()", "super().on_stop()")


def test_commits_are_asked_for_through_our_two_hooks() -> None:
    text = source(driver.Consumer.force_commit) + source(driver.Consumer._filter_committable_offsets)
    assert in_order(text, "self._filter_tps_with_pending_acks", "self._new_offset(tp)")


def test_service_tasks_are_found_by_class() -> None:
    assert "ServiceTask" in source(Service._init_subclass_tasks)


def test_the_changelog_is_named_as_the_plan_says() -> None:
    text = source(Collection._changelog_topic_name)
    assert 'f"{self.app.conf.id}-{self.name}-changelog"' in text


def test_stock_uses_only_what_faust_offers_in_public() -> None:
    """No private attribute of anything but itself: beside the acknowledgement below it needs no contract."""
    assert re.findall(r"(?<!self)(?<!os)\._[a-z]\w*", inspect.getsource(stock)) == []


def test_stock_acknowledges_only_what_a_flush_has_covered() -> None:
    """Faust also acknowledges an event whose handler it cancelled, and those it skips (`streams.py`)."""
    assert "it.after(event, do_ack or value is skipped_value" in source(Stream)
    tp = TP("facts", 1)
    consumer = stock.CoveredConsumer.__new__(stock.CoveredConsumer)
    enabled = SimpleNamespace(acks_enabled_for=lambda _topic: True)
    consumer.app = SimpleNamespace(covered={tp: 6}, topics=enabled)
    consumer._committed_offset, consumer._acked_index, consumer._acked = {tp: None}, {tp: set()}, {tp: []}
    consumer._n_acked, consumer._waiting_for_ack = 0, None
    folded, cancelled = (
        SimpleNamespace(acked=False, tp=tp, topic=tp.topic, offset=offset) for offset in (5, 6)
    )
    consumer._unacked_messages = unacked = Unacked()
    assert consumer.ack(folded)
    assert not consumer.ack(cancelled)
    assert consumer._acked == {tp: [5]}
    assert unacked.gone == [folded, cancelled]


class Unacked:
    """Faust's set of messages under way, as far as it is used."""

    def __init__(self) -> None:
        self.gone: list[object] = []

    def discard(self, message: object) -> None:
        self.gone.append(message)
