"""How fast the app feels and what it takes: from its start to a picture that answers, a training that is watched, and memory.

Everything is measured from outside, on the server that `prompt-tutor app` starts with an empty store of its own. Where
a figure cannot be had here, its row says so. Goals are those of the project's plan.
"""

import json
import re
import statistics
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psutil

from tutor.bench import app_browser, app_live
from tutor.bench.app_server import Server, family, serving
from tutor.bench.app_visit import Visit, visit
from tutor.engine import Engine
from tutor.store import RunStore

PAGES = ("home", "bayes", "workbench", "regret", "inside", "pretrain", "tune")
STARTS, RUNS, VISITS, CHANGES, ROUNDS = 3, 7, 5, 11, 4
LINES, FLIPS = re.compile("has the lowest"), re.compile(r"^After \d+ heads? in")
NO_RUN = "not measured: no shipped run"
NO_PROC = "not measured here"

Rows = list[dict[str, Any]]


def app() -> Rows:
    """All figures, in the order in which a visitor meets them."""
    rows = starts()
    with serving() as server:
        engine = Engine(json.load(urllib.request.urlopen(f"{server.address}/api/health"))["engine"], RunStore(server.store))
        try:
            shipped = any(info.shipped and info.status.state == "done" for info in map(engine.store.info, engine.store.keys()))
            idle = at_rest(server, engine)
            rows += [*pages(server, shipped), *pictures(server, shipped), *changes(server, shipped)]
            visited = [row("memory of the server, every page visited", weight(family(server.pid)[0]), "MB", 350)]
            return [*rows, *watched(server, engine, shipped), *idle, *visited, *after_runs(server)]
        finally:
            engine.close()


def row(figure: str, measured: float | str, unit: str, goal: int | None = None, *, at_least: bool = False) -> dict[str, Any]:
    """One line of the table; a number in three digits, or the sentence why there is none."""
    said = measured if isinstance(measured, str) else float(f"{measured:.3g}")
    return {"figure": figure, "measured": said, "unit": unit, "goal": "" if goal is None else f"{'>=' if at_least else '<='} {goal:g}"}


def starts() -> Rows:
    """Seconds from the command to the first byte of the page and to a healthy answer; medians of fresh processes."""
    found = []
    for _ in range(STARTS):
        with serving() as server:
            found.append((server.first_byte, server.healthy))
    first, healthy = map(statistics.median, zip(*found, strict=True))
    return [row("start to the first byte of the page", first, "s", 4), row("start to a healthy answer", healthy, "s", 4)]


def pages(server: Server, shipped: bool) -> Rows:
    """Seconds of the server for one run of each page: the first after its start, and the median of the next; and its largest picture."""
    rows = []
    for page in PAGES:
        first = visit(server.address, page) if shipped else Visit(NO_RUN, NO_RUN)
        warm = statistics.median(visit(server.address, page).seconds for _ in range(RUNS)) if shipped else NO_RUN
        size = first.largest / 1024 if shipped else NO_RUN
        rows += [row(f"server time of {page}, first run ever", first.seconds, "s"), row(f"server time of {page}, warm", warm, "s", 1)]
        rows.append(row(f"largest message of {page}", size, "kB"))
    return rows


def pictures(server: Server, shipped: bool) -> Rows:
    """Seconds from opening a page in a browser until its first picture is seen, and until it is ready to be pointed at."""
    why = reason(shipped)
    rows = []
    for page in PAGES:
        address = f"{server.address}/{'' if page == 'home' else page}"
        first, again = ((why, why), (why, why)) if why else app_browser.visits(address, VISITS)
        for visit_of, (seen, drawn) in (("first visit of a browser", first), ("visited before", again)):
            rows += [row(f"picture of {page} seen, {visit_of}", seen, "s", 2), row(f"picture of {page} ready, {visit_of}", drawn, "s")]
    return rows


def changes(server: Server, shipped: bool) -> Rows:
    """Milliseconds from a click or key to the redrawn picture, medians."""
    acts = ("Regret, logarithmic axis on or off", "Regret, another kind of regret", "Bayes, one more flip", "Bayes, another coin by key")
    names = [f"change to picture: {act}" for act in acts]
    if why := reason(shipped):
        return [row(name, why, "ms", 150) for name in names]
    with app_browser.visitor() as tab:
        found = [*on_regret(tab, server.address), *on_bayes(tab, server.address)]
    return [row(name, 1000 * statistics.median(times), "ms", 150) for name, times in zip(names, found, strict=True)]


def on_regret(tab: Any, address: str) -> Iterator[list[float]]:
    """Seconds of every change on the page Regret: a toggle back and forth, then a choice."""
    app_browser.opened(tab, f"{address}/regret")
    tab.get_by_text(re.compile(r"^Methods \(\d+\), exact")).click()
    toggle = tab.get_by_text("Logarithmic", exact=True)
    yield repeated(tab, LINES, [toggle.click] * CHANGES)
    choices = [tab.get_by_role("radio", name=name).click for name in ("instant", "cumulative")]
    yield repeated(tab, LINES, (choices * CHANGES)[:CHANGES])


def on_bayes(tab: Any, address: str) -> Iterator[list[float]]:
    """Seconds of every change on the page Bayes: flips by hand, then a slider."""
    app_browser.opened(tab, f"{address}/bayes")
    yield repeated(tab, FLIPS, [tab.get_by_role("button", name="Heads", exact=True).click] * CHANGES)
    slider = tab.get_by_role("group", name="Coin in play").get_by_role("slider").first
    slider.focus()
    yield repeated(tab, FLIPS, [lambda: tab.keyboard.press("ArrowRight")] * CHANGES)


def repeated(tab: Any, picture: re.Pattern, acts: list[Callable[[], None]]) -> list[float]:
    """Seconds of each act."""
    return [app_browser.change(tab, picture, act) for act in acts]


def reason(shipped: bool) -> str | None:
    """Why a browser measures nothing here, None where it does."""
    missing = app_browser.missing()
    return f"not measured: {missing}" if missing else None if shipped else NO_RUN


def watched(server: Server, engine: Engine, shipped: bool) -> Rows:
    """Pictures per second of a training that is watched, and what watching takes from its pace: trainings take turns."""
    rates: dict[str, list[float]] = {"client": [], "browser": []}
    costs = []

    def by_client(seed: int) -> float:
        folder = app_live.submitted(engine, seed)
        before = processor(server.pid)
        with app_live.watching(server.address, folder.key) as seen:
            pace = app_live.pace_of(folder)
        rates["client"].append(seen.per_second)
        costs.append((processor(server.pid) - before) / len(seen.pictures))
        return pace

    ways = {"alone": lambda seed: app_live.pace_of(app_live.submitted(engine, seed)), "client": by_client}
    with ExitStack() as held:
        if not (why := reason(shipped)):
            tab = held.enter_context(app_browser.visitor())

            def by_browser(seed: int) -> float:
                app_browser.opened(tab, f"{server.address}/pretrain?pretrain_seed={seed}")
                key = app_browser.begun(tab)
                pace = app_live.pace_of(engine.store.get(key))
                rates["browser"].append(app_browser.drawn_per_second(tab))
                return pace

            ways["browser"] = by_browser
        ways["alone"](0)                           # the first training of a process warms it up
        paces = {name: statistics.median(found) for name, found in app_live.alternating(ways, ROUNDS).items()}
    rows = [row("training alone", paces["alone"], "steps/s")]
    rows.append(row("processor time of the server per live picture", 1000 * statistics.median(costs), "ms", 20))
    for name, told in (("client", "by a client without a browser"), ("browser", "by a browser on the same cores")):
        rate, loss = (statistics.median(rates[name]), 100 * (1 - paces[name] / paces["alone"])) if name in ways else (why, why)
        rows.append(row(f"live pictures, watched {told}", rate, "per s", 5, at_least=True))
        rows.append(row(f"training slower, watched {told}", loss, "%", 10 if name == "client" else None))
    return rows


def processor(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def weight(*processes: psutil.Process) -> float | str:
    """Megabytes (2^20 bytes) of processes together, each shared page divided by its users (PSS)."""
    try:
        return sum(process.memory_full_info().pss for process in processes) / 2**20
    except (psutil.Error, AttributeError):         # gone, or a system that does not tell
        return NO_PROC


def at_rest(server: Server, engine: Engine) -> Rows:
    """Memory before the first visit; the worker reports for work when it has loaded what it needs."""
    engine.client.wait_for_workers(1, timeout=120)
    itself, *others = family(server.pid)
    return [
        row("memory of the server, before the first visit", weight(itself), "MB", 350),
        row("memory of the idle engine, all of its processes", weight(*others), "MB", 400),
    ]


def after_runs(server: Server) -> Rows:
    """Memory of the worker after all those trainings: the heaviest process of the engine."""
    weights = [weight(process) for process in family(server.pid)[1:]] or [NO_PROC]
    return [row("memory of a warm worker", NO_PROC if NO_PROC in weights else max(weights), "MB", 450)]
