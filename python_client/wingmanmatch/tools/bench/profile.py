"""Where a call's time goes, function by function."""

from rich.console import Console
from rich.table import Table

from wingmanmatch.tools.bench.stage import Stage
from wingmanmatch.tools.bench.turns import Turns
from wingmanmatch.tools.bench.workloads import ACCEPT, CONFIRM, DECLINE, MATCH, Workload
from wingmanmatch.tools.bench.worlds import CALLER, World

PROFILED = (MATCH, ACCEPT, DECLINE, CONFIRM)
SHOWN = 15
FUNCTIONS = """
    select schemaname || '.' || funcname, calls, total_time * 1000, self_time * 1000
    from pg_stat_user_functions
    order by self_time desc
    limit %s
"""


def profile(console: Console, stage: Stage) -> None:
    """Show for each kind of call, made by one client, the functions that take longest.

    The times come from pg_stat_user_functions and include its overhead. What a function does in SQL and
    operators is its own time; the client's statement, the round trip and the commit are not included.
    """
    world = stage.world("spread", stage.scale.people)
    # Only for the callers: the preparation of a turn runs the same triggers.
    world.connection.execute(f"alter role {CALLER} in database {world.dbname} set track_functions = 'all'")
    for workload in PROFILED:
        stage.begin(workload.call)
        console.print(_functions(world, workload, stage.scale.seconds))


def _functions(world: World, workload: Workload, seconds: float) -> Table:
    turns = Turns(world, workload, seconds, clients=1)
    turns()
    world.connection.execute("select pg_stat_reset()")
    calls = turns().calls
    told = Table(
        title=f"{workload.call}, {calls:,} calls", box=None, header_style="bold", title_justify="left"
    )
    told.add_column("function")
    for heading in ("a call", "µs a call", "of them its own"):
        told.add_column(heading, justify="right")
    for name, count, total, own in world.connection.execute(FUNCTIONS, [SHOWN]):
        told.add_row(name, f"{count / calls:.2f}", f"{total / calls:.1f}", f"{own / calls:.1f}")
    return told
