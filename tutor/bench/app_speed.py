"""How fast the app feels and what it takes: from its start to a picture that answers, a training that is watched, and memory.

Everything is measured from outside, on the server that `prompt-tutor app` starts with an empty store of its own. Where
a figure cannot be had here, its row says so. Goals are those of the project's plan.
"""

import re
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psutil

from tutor.bench import app_browser, app_live
from tutor.bench.app_server import RunningApp, connect_engine, list_descendants, serve_app
from tutor.bench.app_visit import VisitTimes, visit_page
from tutor.runs.engine.client import Engine

PAGES = ("home", "bayes", "workbench", "regret", "inside", "pretrain", "tune")
STARTS, RUNS, VISITS, CHANGES, ROUNDS = 3, 7, 5, 11, 4
LINES, FLIPS = re.compile("has the lowest"), re.compile(r"^After \d+ heads? in")
NO_RUN = "not measured: no shipped run"
NO_PROC = "not measured here"

Rows = list[dict[str, Any]]


def measure_app() -> Rows:
    """Measure all figures of the app, in the order in which a visitor meets them."""
    rows = measure_starts()
    with serve_app() as server:
        engine = connect_engine(server)
        try:
            shipped = any(info.shipped and info.status.state == "done" for info in map(engine.store.info, engine.store.keys()))
            idle = measure_at_rest(server, engine)
            rows += [*measure_pages(server, shipped), *measure_pictures(server, shipped), *measure_changes(server, shipped)]
            visited = [make_row("memory of the server, every page visited", measure_memory(list_descendants(server.pid)[0]), "MB", 350)]
            return [*rows, *measure_watching(server, engine, shipped), *idle, *visited, *measure_after_runs(server)]
        finally:
            engine.close()


def make_row(figure: str, measured: float | str, unit: str, goal: int | None = None, *, at_least: bool = False) -> dict[str, Any]:
    """Make a row of the table.

    Parameters
    ----------
    figure
        What is measured.
    measured
        A number, rounded to three digits, or the sentence that says why there is none.
    unit
        Of number and goal.
    goal
        The limit to meet; None where there is none.
    at_least
        Whether the goal is a lower limit.
    """
    said = measured if isinstance(measured, str) else float(f"{measured:.3g}")
    return {"figure": figure, "measured": said, "unit": unit, "goal": "" if goal is None else f"{'>=' if at_least else '<='} {goal:g}"}


def measure_starts() -> Rows:
    """Measure the seconds from the command to the first byte of the page and to a healthy answer, as medians over fresh processes."""
    found = []
    for _ in range(STARTS):
        with serve_app() as server:
            found.append((server.first_byte, server.healthy))
    first, healthy = map(statistics.median, zip(*found, strict=True))
    return [make_row("start to the first byte of the page", first, "s", 4), make_row("start to a healthy answer", healthy, "s", 4)]


def measure_pages(server: RunningApp, shipped: bool) -> Rows:
    """Measure the server's seconds for one run of each page's script, first and warm (median), and the largest message (kB)."""
    rows = []
    for page in PAGES:
        first = visit_page(server.address, page) if shipped else VisitTimes(NO_RUN, NO_RUN)
        warm = statistics.median(visit_page(server.address, page).seconds for _ in range(RUNS)) if shipped else NO_RUN
        size = first.largest / 1024 if shipped else NO_RUN
        rows += [
            make_row(f"server time of {page}, first run ever", first.seconds, "s"),
            make_row(f"server time of {page}, warm", warm, "s", 1),
        ]
        rows.append(make_row(f"largest message of {page}", size, "kB"))
    return rows


def measure_pictures(server: RunningApp, shipped: bool) -> Rows:
    """Measure the seconds from opening a page in a browser until its first picture is seen and until it reacts to the pointer."""
    why = explain_no_browser(shipped)
    rows = []
    for page in PAGES:
        address = f"{server.address}/{'' if page == 'home' else page}"
        first, again = ((why, why), (why, why)) if why else app_browser.time_visits(address, VISITS)
        for visit_of, (seen, drawn) in (("first visit of a browser", first), ("visited before", again)):
            rows += [
                make_row(f"picture of {page} seen, {visit_of}", seen, "s", 2),
                make_row(f"picture of {page} ready, {visit_of}", drawn, "s"),
            ]
    return rows


def measure_changes(server: RunningApp, shipped: bool) -> Rows:
    """Measure the milliseconds from a click or key to the redrawn picture, as medians."""
    acts = ("Regret, logarithmic axis on or off", "Regret, another kind of regret", "Bayes, one more flip", "Bayes, another coin by key")
    names = [f"change to picture: {act}" for act in acts]
    if why := explain_no_browser(shipped):
        return [make_row(name, why, "ms", 150) for name in names]
    with app_browser.open_browser() as tab:
        found = [*change_regret_page(tab, server.address), *change_bayes_page(tab, server.address)]
    rows = []
    for name, times in zip(names, found, strict=True):
        seen, ready = (1000 * statistics.median(one) for one in zip(*times, strict=True))
        rows += [make_row(name, seen, "ms", 150), make_row(f"{name}, ready", ready, "ms")]
    return rows


def change_regret_page(tab: Any, address: str) -> Iterator[list[tuple[float, float]]]:
    """Yield the seconds (seen, ready) of each change on the Regret page: a toggle back and forth, then a choice."""
    app_browser.time_opening(tab, f"{address}/regret")
    tab.get_by_text(re.compile(r"^Methods \(\d+\), exact")).click()
    toggle = tab.get_by_text("Logarithmic", exact=True)
    toggle.scroll_into_view_if_needed()
    yield time_acts(tab, LINES, [toggle.click] * CHANGES)
    radios = [tab.get_by_role("radio", name=name) for name in ("instant", "cumulative")]
    radios[0].scroll_into_view_if_needed()
    choices = [radio.click for radio in radios]
    yield time_acts(tab, LINES, (choices * CHANGES)[:CHANGES])


def change_bayes_page(tab: Any, address: str) -> Iterator[list[tuple[float, float]]]:
    """Yield the seconds (seen, ready) of each change on the Bayes page: flips by hand, then a slider."""
    app_browser.time_opening(tab, f"{address}/bayes")
    yield time_acts(tab, FLIPS, [tab.get_by_role("button", name="Heads", exact=True).click] * CHANGES)
    slider = tab.get_by_role("group", name="Coin in play").get_by_role("slider").first
    slider.focus()
    yield time_acts(tab, FLIPS, [lambda: tab.keyboard.press("ArrowRight")] * CHANGES)


def time_acts(tab: Any, picture: re.Pattern, acts: list[Callable[[], None]]) -> list[tuple[float, float]]:
    """Measure the seconds from each act until the changed picture is seen, and until it is ready."""
    return [app_browser.time_change(tab, picture, act) for act in acts]


def explain_no_browser(shipped: bool) -> str | None:
    """Say why nothing can be measured in a browser here; None where it can."""
    missing = app_browser.explain_missing_browser()
    return f"not measured: {missing}" if missing else None if shipped else NO_RUN


def measure_watching(server: RunningApp, engine: Engine, shipped: bool) -> Rows:
    """Measure how many pictures per second a watched training shows, and how much slower (per cent) it is than an unwatched one."""
    rates: dict[str, list[float]] = {"client": [], "browser": []}
    costs = []

    def by_client(seed: int) -> float:
        folder = app_live.submit_training(engine, seed)
        before = read_processor_seconds(server.pid)
        with app_live.watch_beside(server.address, folder.key) as seen:
            pace = app_live.measure_pace(folder)
        rates["client"].append(seen.per_second)
        costs.append((read_processor_seconds(server.pid) - before) / len(seen.pictures))
        return pace

    ways = {"alone": lambda seed: app_live.measure_pace(app_live.submit_training(engine, seed)), "client": by_client}
    with ExitStack() as held:
        if not (why := explain_no_browser(shipped)):
            tab = held.enter_context(app_browser.open_browser())

            def by_browser(seed: int) -> float:
                app_browser.time_opening(tab, f"{server.address}/pretrain?pretrain_seed={seed}")
                key = app_browser.begin_training(tab)
                pace = app_live.measure_pace(engine.store.get(key))
                rates["browser"].append(app_browser.measure_picture_rate(tab))
                return pace

            ways["browser"] = by_browser
        ways["alone"](app_live.SEED - 1)                           # the first training of a process warms it up
        paces = {name: statistics.median(found) for name, found in app_live.alternate_ways(ways, ROUNDS).items()}
    rows = [make_row("training alone", paces["alone"], "steps/s")]
    rows.append(make_row("processor time of the server per live picture", 1000 * statistics.median(costs), "ms", 20))
    for name, told, often in (("client", "by a client without a browser", 5), ("browser", "by a browser on the same cores", 2)):
        rate, loss = (statistics.median(rates[name]), 100 * (1 - paces[name] / paces["alone"])) if name in ways else (why, why)
        rows.append(make_row(f"live pictures, watched {told}", rate, "per s", often, at_least=True))
        rows.append(make_row(f"training slower, watched {told}", loss, "%", 10))
    return rows


def read_processor_seconds(pid: int) -> float:
    """Read the processor time that a process has used (seconds)."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def measure_memory(*processes: psutil.Process) -> float | str:
    """Measure the memory of processes together (MiB), with each shared page divided among its users (PSS).

    Returns
    -------
    float or str
        A sentence where a process has ended or the system does not tell.
    """
    try:
        return sum(process.memory_full_info().pss for process in processes) / 2**20
    except (psutil.Error, AttributeError):         # gone, or a system that does not tell
        return NO_PROC


def measure_at_rest(server: RunningApp, engine: Engine) -> Rows:
    """Measure the memory of server and engine before the first visit, once a worker is ready."""
    engine.client.wait_for_workers(1, timeout=120)
    itself, *others = list_descendants(server.pid)
    return [
        make_row("memory of the server, before the first visit", measure_memory(itself), "MB", 350),
        make_row("memory of the idle engine, all of its processes", measure_memory(*others), "MB", 400),
    ]


def measure_after_runs(server: RunningApp) -> Rows:
    """Measure the memory of the engine's largest process, a worker, after all trainings."""
    weights = [measure_memory(process) for process in list_descendants(server.pid)[1:]] or [NO_PROC]
    return [make_row("memory of a warm worker", NO_PROC if NO_PROC in weights else max(weights), "MB", 450)]
