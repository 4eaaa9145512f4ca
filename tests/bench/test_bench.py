"""The benches at tiny sizes on the embedded broker: they run, their JSON has its shape, and a wrong result is
no result. Never a time.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from bench import __main__ as bench
from bench import load, recovery, running, verdict, workers
from bench.ground import Wrong
from streams.engine.types import Output


def run(folder, *arguments):
    return bench.main(["--small", "--broker", "embedded", "--out", str(folder), *arguments])


@pytest.mark.slow
def test_every_part_has_its_figures(tmp_path, capsys):
    parts = ("profile", "place-year", "throughput", "recovery")
    assert run(tmp_path, *(word for part in parts for word in ("--only", part))) == 0
    said = json.loads((tmp_path / "profile-place-year-throughput-recovery.json").read_text())
    assert said["wrong"] == {}
    assert said["machine"].keys() >= {"cores", "processor", "load_before", "packages"}
    assert said["ratios"].keys() >= {"engine_over_stock", "engine_over_bare_client", "two_workers_over_one"}
    assert said["ratios"]["two_workers_over_one"] is None  # not measured in this run
    assert said["ratios"]["engine_over_stock"] > 0
    about = said["throughput"]["load"]
    assert (about["events"], about["a08_share"], about["out_of_order_share"]) == (2000, 0.48, 0.01)
    assert about["value_bytes_mean"] > 100
    assert about["header_count"] > 8
    for row in said["throughput"]["rows"]:
        assert all(len(one["loads"]) == 3 for one in row["runs"])
    assert said["throughput"]["rows"][0]["runs"][0]["held"] == {"facts": 2000, "persons": 80, "views": 80}
    assert said["recovery"]["runs"][0]["state_records_per_second"] > 0
    mix = said["place-year"]["mix"]
    assert (mix["a08_of_messages"], mix["late"]) == (0.48, 0.01)
    assert mix["header_bytes_mean"] > 100
    assert said["place-year"]["kept"]["journal_bytes_per_fact"] > 100
    assert "tottime" in (tmp_path / "place-year.txt").read_text()
    assert "fold" in (tmp_path / "profile.txt").read_text()
    assert "tottime" in (tmp_path / "profile.txt").read_text()
    printed = capsys.readouterr().out
    assert "records/s" in printed
    assert "engine_over_stock" in printed


@pytest.mark.slow
def test_the_wire(tmp_path):
    assert run(tmp_path, "--only", "wire") == 0
    said = json.loads((tmp_path / "wire.json").read_text())["wire"]
    assert said["idle"]["wire_to_view"].keys() == {"p50_ms", "p95_ms", "p99_ms", "max_ms", "measured"}
    assert said["backlog"]["backlog_events"] == 500


@pytest.mark.slow
def test_a_board_is_rebuilt(tmp_path):
    assert run(tmp_path, "--only", "rebuild") == 0
    said = json.loads((tmp_path / "rebuild.json").read_text())["rebuild"]
    assert said["people"] == 400
    assert said["runs"].keys() == {"from the topics", "from the store"}
    assert all(row["ready_s"] > 0 and row["rss_mib"] > 0 for row in said["runs"].values())


@pytest.mark.slow
@pytest.mark.nightly
def test_open_pages(tmp_path):
    assert run(tmp_path, "--only", "pages") == 0
    said = json.loads((tmp_path / "pages.json").read_text())["pages"]
    assert said["idle"]["wire_to_page"].keys() == {"p50_ms", "p95_ms", "p99_ms", "max_ms", "measured"}
    assert said["backlog"]["backlog_events"] == 500
    assert len(said["many"]["all_pages_ms"]) == 5


def test_two_workers_are_measured_while_both_work():
    def worker(per_second, ends):
        done = [min(at, ends * 10) * per_second // 10 for at in range(100)]
        samples = [{"t": at / 10, "cpu": at / 20, "covered": n, "folded": 0} for at, n in enumerate(done)]
        return SimpleNamespace(samples=samples, last=samples[-1])

    both = [worker(100, 8), worker(60, 6)]
    found = workers.window(both, 1.0)
    assert (found["events_per_second"], found["each"], found["window_s"]) == (160, [100, 60], 5.0)
    with pytest.raises(Wrong):
        workers.window(both, 7.0)  # the second had run out


@pytest.mark.slow
def test_a_wrong_result_is_no_result(tmp_path, monkeypatch, capsys):
    def lost(_ground, _given, _since, covered, _load):
        raise Wrong(f"batch: {covered} events done, 7 facts held")

    monkeypatch.setattr(verdict, "judge", lost)
    assert run(tmp_path, "--only", "throughput") == 1
    said = json.loads((tmp_path / "throughput.json").read_text())
    assert "7 facts held" in said["wrong"]["throughput"]
    assert "throughput" not in said
    assert "WRONG" in capsys.readouterr().out


def test_a_person_shown_wrongly_is_noticed():
    right = verdict.expected([3], 10)
    verdict.check(right, [3], 10)
    with pytest.raises(Wrong):
        verdict.check(dict.fromkeys(right, "0000000000000000"), [3], 10)
    assert verdict.versions([Output("elsewhere", b"k", b"v", (), None)]) == {}


def test_the_load_is_what_it_says():
    events = list(load.order(1000))
    assert sorted(events) == [(step, person) for step in range(25) for person in range(1000)]
    swapped = sum(1 for at, (step, _) in enumerate(events) if step > at // 1000)
    assert 150 < swapped < 350  # one in a hundred of 24,000, each with its neighbour


def test_a_recovered_state_is_the_persons_own():
    made = recovery.models(2)
    moved = recovery.under(made[0], 0, 7)
    assert [len(name) for name, _ in moved] == [len(name) for name, _ in made[0]]
    assert load.person_key(0).encode() not in b"".join(value or b"" for _, value in moved)


def test_a_rate_leaves_out_the_wait_for_the_last_cut():
    samples = [{"t": float(at), "cpu": at / 2, "covered": at * 100} for at in range(5)]
    samples.append({"t": 60.0, "cpu": 9.0, "covered": 500})
    assert running.rate(samples, 100, 500)["per_second"] == 100
    with pytest.raises(Wrong):
        running.rate(samples[:1], 0, 500)
