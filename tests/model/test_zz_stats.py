import sys, json
from collections import Counter
import pytest
from harness import OPERATOR
from hypothesis import settings, Phase
from hypothesis.stateful import run_state_machine_as_test
import machine
from machine import QUICK, WingmanMachine
from reality import Reality, Refused

def test_stats(db, connect):
    reality = Reality(db, connect(), connect(user=OPERATOR))
    heard = Counter(); steps = Counter()
    class M(WingmanMachine):
        def compare(self, answer, in_the_model, named=""):
            import inspect
            f = inspect.currentframe().f_back.f_locals.get("function")
            heard[f"{f} {answer.name if isinstance(answer, Refused) else 'answered'}"] += 1
            super().compare(answer, in_the_model, named)
    for name, f in list(vars(WingmanMachine).items()):
        if hasattr(f, "hypothesis_stateful_rule"):
            pass
    run_state_machine_as_test(lambda: M(reality, set()), settings=settings(QUICK, phases=[Phase.generate], print_blob=False))
    open("/tmp/heard.txt","w").write("\n".join(f"{n:6} {k}" for k,n in sorted(heard.items())))
