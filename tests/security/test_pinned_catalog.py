"""Every owner, definer, search_path, grant and policy is as pinned in catalog.txt, so any widening shows."""

import pytest
from wingmanmatch.catalog.privileges import read_privileges
from wingmanmatch.tools.generate.targets import PINNED


def test_the_catalog_is_as_pinned(db):
    assert read_privileges(db) == PINNED.read_text(encoding="utf-8").splitlines(), (
        "Who may do what has changed; if that is meant: make regenerate"
    )


@pytest.mark.parametrize(
    "widening",
    [
        "grant select on wingman.settings to authenticated",
        "grant select (bio) on public.user_profiles to anon",
        "grant execute on function wingman.decline_match(uuid, uuid) to public",
        "grant select on public.wingman_matches to authenticated with grant option",
        "alter function wingman.lock_match(uuid) security definer",
        "alter function wingman.partner_ids() reset search_path",
        "alter function public.get_match(uuid, uuid) owner to postgres",
        "alter function public.get_match(uuid, uuid) volatile",
        "alter table public.user_locations disable row level security",
        "create policy everybody on public.user_locations for select to authenticated using (true)",
        "alter policy own on public.user_locations using (user_id is not null)",
        "grant create on schema wingman to authenticated",
        "create function public.respond_to_match() returns void language sql return null",
        "create view public.everything as select * from public.user_locations",
    ],
)
def test_a_widening_shows(db, widening):
    before = read_privileges(db)

    with db.transaction(force_rollback=True):
        db.execute(widening)

        assert read_privileges(db) != before
