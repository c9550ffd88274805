"""A small checkout: a few objects of every kind, with the project's own machinery around them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from wingmanmatch.database import paths

FILES = {
    "sql/probe/schemas.sql": """
set local role none;

grant usage, create on schema public to wingman_owner;

set local role wingman_owner;
""",
    "sql/probe/thing_label.sql": """
create or replace function wingman.thing_label(name text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return 'a  ' || name;
end
$$;

comment on function wingman.thing_label(text) is 'What a thing is called';
revoke all on function wingman.thing_label(text) from public;
""",
    "sql/probe/things.sql": """
create table public.things (
    id integer constraint things_pkey primary key,
    name text not null default 'thing'
);

create index things_name_idx on public.things (name);

alter table public.things enable row level security;

comment on table public.things is 'Things';
revoke all on table public.things from public;
grant select on table public.things to wingman_admin;
""",
    "sql/probe/thing_key.sql": """
set local role none;

alter table public.things
add constraint things_parent_fkey foreign key (id) references public.things (id);

set local role wingman_owner;
""",
    "sql/probe/thing_details.sql": """
create type public.thing_details as (
    id integer
);

comment on type public.thing_details is 'A thing, told';
""",
    "sql/probe/guard_thing.sql": """
create or replace function wingman.guard_thing()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return new;
end
$$;

comment on function wingman.guard_thing() is 'Trigger: lets every thing pass';
revoke all on function wingman.guard_thing() from public;
""",
    "sql/probe/triggers.sql": """
create trigger guard_thing before insert or update of name on public.things
for each row execute function wingman.guard_thing();
""",
    "sql/probe/policies.sql": """
create policy things_read on public.things for select to wingman_admin
using (id > 0);
""",
    "sql/probe/get_thing.sql": """
create or replace function public.get_thing(id integer)
returns public.thing_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return row(get_thing.id)::public.thing_details;
end
$$;

comment on function public.get_thing(integer) is 'Tells a thing';
revoke all on function public.get_thing(integer) from public;
grant execute on function public.get_thing(integer) to wingman_admin;
""",
}

INSTALL = "begin;\n\n\\ir kernel/bootstrap.sql\nset local role wingman_owner;\n\n{}\n\ncommit;\n"


class Tree:
    """The directory of the tree, and what the tools of the project do in it."""

    def __init__(self, root: Path, files: list[str]) -> None:
        self.root = root
        self._files = files

    @classmethod
    def make(cls, root: Path) -> "Tree":
        """A tree without a revision."""
        package, migrations = Path(paths.__file__).parents[1], paths.VERSIONS.parent
        shutil.copytree(package, root / "python_client/wingmanmatch", ignore=_without("__pycache__"))
        # each revision is made by a separate process, which need not load the client
        (root / "python_client/wingmanmatch/__init__.py").write_text("")
        shutil.copytree(migrations, root / "migrations", ignore=_without("versions", "__pycache__"))
        (root / "migrations/versions").mkdir()
        shutil.copy(paths.ALEMBIC_INI, root)
        tree = cls(root, list(FILES))
        tree.write("sql/kernel/bootstrap.sql", paths.BOOTSTRAP_SQL.read_text())
        for path, text in FILES.items():
            tree.write(path, text)
        tree._install()
        return tree

    def copy(self, root: Path) -> "Tree":
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        return Tree(root, list(self._files))

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip())

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def add(self, path: str, text: str) -> None:
        self.write(path, text)
        self._files.append(path)
        self._install()

    def remove(self, path: str) -> None:
        (self.root / path).unlink()
        self._files.remove(path)
        self._install()

    def move(self, path: str, to: str) -> None:
        text = (self.root / path).read_text()
        self.write(to, text)
        (self.root / path).unlink()
        self._files[self._files.index(path)] = to
        self._install()

    def migration(self, *arguments: str) -> str:
        """``make migration``; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "wingmanmatch.database.revision", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "python_client")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def upgrade(self, url: str, revision: str = "head") -> None:
        command.upgrade(self._configuration(url), revision)

    def downgrade(self, url: str, revision: str) -> None:
        command.downgrade(self._configuration(url), revision)

    def offline_sql(self) -> str:
        script = StringIO()
        command.upgrade(self._configuration("", script), "head", sql=True)
        return script.getvalue()

    def frozen(self, pattern: str) -> Path:
        """The one frozen file whose name matches."""
        (file,) = (self.root / "migrations" / "versions").glob(pattern)
        return file

    def _install(self) -> None:
        includes = "\n".join(f"\\ir {path.removeprefix('sql/')}" for path in self._files)
        self.write("sql/install.sql", INSTALL.format(includes))

    def _configuration(self, url: str, output: StringIO | None = None) -> Config:
        config = Config(self.root / "alembic.ini", output_buffer=output)
        config.attributes["database_url"] = url
        return config


def _without(*names: str) -> Callable[[str, list[str]], set[str]]:
    return shutil.ignore_patterns(*names)
