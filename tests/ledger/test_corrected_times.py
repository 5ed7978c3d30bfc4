"""Events and gaze of a finished run get times that are closer to the truth, with their bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger import refit_run

SECOND = 1_000_000_000
Rows = list[dict[str, str]]
ReadCsv = Callable[[Path], Rows]


def test_event_times_are_corrected_within_a_smaller_bound(ledger: Any, read_csv: ReadCsv) -> None:
    ledger.run()
    for second in range(2, 18):
        ledger.event(f"trial {second}", second, wrong_ns=250_000, data={"side": "left"})
    result = refit_run(ledger.path)
    (path,) = result.files
    assert path == ledger.path.with_name("run_neon_events.refit.csv")
    rows = read_csv(path)
    assert len(rows) == result.events == 16
    for row, second in zip(rows, range(2, 18), strict=True):
        truth = ledger.device_ns(ledger.start_ns + second * SECOND)
        error = abs(int(row["corrected_device_ns"]) - truth)
        assert error <= int(row["corrected_bound_ns"]) < int(row["bound_ns"]) == 300_000
        assert error < 100_000 < int(row["device_ns"]) - truth
    assert rows[0]["name"] == "trial 2" and rows[0]["data"] == '{"side": "left"}'
    assert (rows[0]["session"], rows[0]["number"], rows[0]["state"]) == ("1", "1", "confirmed")
    assert float(rows[0]["experiment_s"]) == 7.0


def test_event_that_was_never_sent_is_dated_too(ledger: Any, read_csv: ReadCsv) -> None:
    ledger.run()
    ledger.event("lost", 3.0, None)
    (row,) = read_csv(refit_run(ledger.path).files[0])
    assert (row["device_ns"], row["bound_ns"], row["state"]) == ("", "", "pending")
    truth = ledger.device_ns(ledger.start_ns + 3 * SECOND)
    assert abs(int(row["corrected_device_ns"]) - truth) <= int(row["corrected_bound_ns"])


def test_gaze_gets_the_time_of_the_experiment(
    ledger: Any, tmp_path: Path, write_csv: Callable[..., Path], read_csv: ReadCsv
) -> None:
    ledger.run()
    hosts = [ledger.start_ns + n * SECOND // 200 for n in range(4000)]
    columns = ["section id", "timestamp [ns]", "gaze x [px]"]
    rows = [["s", ledger.device_ns(host_ns), f"{n}.5"] for n, host_ns in enumerate(hosts)]
    source = write_csv(tmp_path / "export" / "gaze.csv", columns, rows)
    before = source.read_bytes()
    result = refit_run(ledger.path, [source], tmp_path / "out")
    assert [path.name for path in result.files] == ["run_neon_events.refit.csv", "gaze.refit.csv"]
    dated = read_csv(result.files[1])
    assert len(dated) == 4000 and source.read_bytes() == before
    for row, host_ns in zip(dated, hosts, strict=True):
        error_s = abs(float(row["experiment time [s]"]) - ledger.experiment_s(host_ns))
        assert error_s <= float(row["experiment time bound [s]"]) < 0.001
    assert dated[7]["gaze x [px]"] == "7.5"


def test_each_time_is_dated_by_its_own_session(
    ledger: Any, tmp_path: Path, write_csv: Callable[..., Path], read_csv: ReadCsv
) -> None:
    ledger.run()
    first = ledger.device_ns(ledger.start_ns + 5 * SECOND)
    ledger.start_ns, ledger.ahead_ns, ledger.experiment_zero_s = SECOND, 3600 * SECOND, -40.0
    ledger.run()  # the computer was started anew in between
    second = ledger.device_ns(ledger.start_ns + 5 * SECOND)
    source = write_csv(tmp_path / "gaze.csv", ["timestamp [ns]"], [[first], [second]])
    rows = read_csv(refit_run(ledger.path, [source]).files[1])
    times = [float(row["experiment time [s]"]) for row in rows]
    assert times == pytest.approx([10.0, -35.0], abs=0.001)


def test_clock_that_the_experiment_set_in_between_is_followed(
    ledger: Any, tmp_path: Path, write_csv: Callable[..., Path], read_csv: ReadCsv
) -> None:
    ledger.session()
    ledger.probes(40)
    ledger.pairs(10)
    ledger.experiment_zero_s -= 100.0
    for second in (20, 30, 40):
        host_ns = ledger.start_ns + second * SECOND
        ledger.line(
            "pair", host_ns=host_ns, experiment_s=ledger.experiment_s(host_ns), half_gap_ns=9
        )
    hosts = [ledger.start_ns + second * SECOND for second in (5, 11, 19, 25)]
    table = [[ledger.device_ns(host_ns)] for host_ns in hosts]
    source = write_csv(tmp_path / "gaze.csv", ["timestamp [ns]"], table)
    rows = read_csv(refit_run(ledger.path, [source]).files[1])
    times = [float(row["experiment time [s]"]) for row in rows]
    bounds = [float(row["experiment time bound [s]"]) for row in rows]
    assert times == pytest.approx([10.0, 16.0, -76.0, -70.0], abs=0.001)
    assert max(bounds[0], bounds[3]) < 0.001 and min(bounds[1], bounds[2]) > 99


def test_old_ledger_without_pairs_goes_by_its_events(
    ledger: Any, tmp_path: Path, write_csv: Callable[..., Path], read_csv: ReadCsv
) -> None:
    ledger.probes(10)
    ledger.event("one", 1.0)
    host_ns = ledger.start_ns + 4 * SECOND
    source = write_csv(tmp_path / "gaze.csv", ["timestamp [ns]"], [[ledger.device_ns(host_ns)]])
    (row,) = read_csv(refit_run(ledger.path, [source]).files[1])
    assert float(row["experiment time [s]"]) == pytest.approx(9.0, abs=0.001)


def test_earlier_results_are_not_overwritten_unasked(ledger: Any) -> None:
    ledger.run()
    (path,) = refit_run(ledger.path).files
    path.write_text("precious")
    with pytest.raises(UsageError, match="exists already"):
        refit_run(ledger.path)
    assert path.read_text() == "precious"
    refit_run(ledger.path, overwrite=True)
    assert path.read_text().startswith("session,number,name")


def test_exports_of_the_same_name_do_not_replace_each_other(
    ledger: Any, tmp_path: Path, write_csv: Callable[..., Path]
) -> None:
    ledger.run()
    rows = [[ledger.device_ns(ledger.start_ns + 5 * SECOND)]]
    sources = [write_csv(tmp_path / name / "gaze.csv", ["timestamp [ns]"], rows) for name in "ab"]
    with pytest.raises(UsageError, match=r"gaze\.refit\.csv would be written twice"):
        refit_run(ledger.path, sources, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert len(refit_run(ledger.path, sources).files) == 3


def test_ledger_without_probes_is_refused(ledger: Any) -> None:
    ledger.session()
    ledger.event("event", 1.0)
    with pytest.raises(UsageError, match="no answers of the phone's clock"):
        refit_run(ledger.path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a,b\n1,2\n", "no column 'timestamp"),
        ("", "no column 'timestamp"),
        ("timestamp [ns]\n1.79e18\n", "must be a whole number"),
        ('timestamp [ns]\n""\n', "must be a whole number"),
        ("timestamp [ns]\n--5\n", "must be a whole number"),
        ("timestamp [ns]\n٣٣\n", "must be a whole number"),
        ("timestamp [ns]\n" + str(2**62) + "\n", "no time in nanoseconds"),
        ("timestamp [ns]\n-" + str(2**62) + "\n", "no time in nanoseconds"),
        ("timestamp [ns]\n" + str(2**62 - 1) + "\n", "falls into a session"),
        ("timestamp [ns]\n" + "9" * 40 + "\n", "no time in nanoseconds"),
        ("timestamp [ns]\n1600000000000000000\n", "falls into a session"),
        ("timestamp [ns],experiment time [s]\n1,2\n", "already"),
    ],
)
def test_unfit_export_is_refused_and_nothing_half_is_left(
    ledger: Any, tmp_path: Path, content: str, complaint: str
) -> None:
    ledger.run()
    source = tmp_path / "gaze.csv"
    source.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=complaint):
        refit_run(ledger.path, [source])
    assert {path.name for path in tmp_path.iterdir()} == {
        *(ledger.path.name, "gaze.csv", "run_neon_events.refit.csv"),
    }


def test_export_that_cannot_be_read_is_told_from_one_that_is_no_table(
    ledger: Any, tmp_path: Path
) -> None:
    ledger.run()
    with pytest.raises(UsageError, match=r"gaze\.csv cannot be read .*give a CSV file"):
        refit_run(ledger.path, [tmp_path / "gaze.csv"], tmp_path / "a")
    (tmp_path / "gaze.csv").write_bytes(b"timestamp [ns]\n\xff\xfe\n")
    with pytest.raises(UsageError, match=r"gaze\.csv is not a CSV file"):
        refit_run(ledger.path, [tmp_path / "gaze.csv"], tmp_path / "b")


def test_empty_export_gives_an_empty_table(
    ledger: Any, tmp_path: Path, write_csv: Callable[..., Path], read_csv: ReadCsv
) -> None:
    ledger.run()
    source = write_csv(tmp_path / "gaze.csv", ["timestamp [ns]"], [])
    assert read_csv(refit_run(ledger.path, [source]).files[1]) == []
