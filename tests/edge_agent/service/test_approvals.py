"""A site's own templates and rule overrides are drafts until a lead, or two, approved the very bytes."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from edge_agent.access import pins
from edge_agent.access.asking import Asking
from edge_agent.access.roles import Role
from edge_agent.demo.play import samples
from edge_agent.errors import FindingsError, NotFoundError
from edge_agent.labels.approving import Approving
from edge_agent.labels.kept_files import KeptFiles
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from edge_agent.model.review import ApprovalMode, FormState
from edge_agent.render.draft import BAND_MM
from edge_agent.render.plan import plan_label
from edge_agent.render.raster import dots, to_image
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.render.templates.template import Template, load_template, read_template
from edge_agent.service.agent_service import AgentService
from edge_agent.service.approvals import Form
from edge_agent.service.requests import GarmentBody
from label_protocol.errors import ConflictError, InputError
from label_protocol.kinds import ReviewKind
from tests.edge_agent.printing.test_fleet import shop
from tests.kits.people_kit import PIN, Page, Site, a_page, a_site
from tests.kits.service_kit import a_service

ONE, FOUR = ApprovalMode.ONE, ApprovalMode.FOUR_EYES
TEMPLATE, OVERRIDES = ReviewKind.TEMPLATE, ReviewKind.OVERRIDES
RECORD = json.loads(samples()["down_graded"].model_dump_json(exclude_none=True))
CHEST = '[override."S1.chest"]\nvalue = 5\nseverity = "BLOCK"\nwho = "李工"\nwhy = "the buyer"\n'
"""The sample's chest is 92 cm, so this blocks it."""


def put(folder: Path, name: str = "card", more: str = "") -> Path:
    """A template of the site."""
    path = folder / "templates" / f"{name}.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(read_template("composition_card_60x40")[0] + more.encode())
    return path


def set_up(service: AgentService, folder: Path, mode: ApprovalMode) -> AgentService:
    parts = service.parts
    parts.library = TemplateLibrary(folder / "templates")
    parts.approving = Approving(mode, KeptFiles(folder / "approved"), folder / "rules.toml")
    return service


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    """A site that named nobody, where one lead approves; its own card is a draft."""
    put(tmp_path)
    async with a_service(tmp_path) as found:
        yield set_up(found, tmp_path, ONE)


async def order(service: AgentService, template: Path | str, key: str) -> dict[str, Any]:
    """The snapshot of a job."""
    body = {"template": str(template), "printer": "p1", "quantity": 1, "operator": "12", "record": RECORD}
    job = await service.jobs.submit(body, key)
    snapshot: dict[str, Any] = json.loads(await service.parts.ledger.do(Ledger.snapshot, job.snapshot_hash))
    return snapshot


async def approve(service: AgentService, name: str = "card", who: Any = "班长一", kind: str = TEMPLATE) -> Form:
    form = await service.approvals.find(kind, name)
    return await service.approvals.approve(kind, name, form.of.sha256, who)


async def state(service: AgentService, name: str = "card", kind: str = TEMPLATE) -> FormState:
    return (await service.approvals.find(kind, name)).state


async def words(service: AgentService) -> int:
    return len(await service.parts.ledger.do(Ledger.reviews))


async def test_a_draft_prints_nothing_until_a_lead_approves_it(service: AgentService, tmp_path: Path) -> None:
    path = put(tmp_path)
    with pytest.raises(ConflictError, match="草稿"):
        await order(service, path, "k1")
    assert not await service.jobs.recent() and await state(service) is FormState.DRAFT
    assert (await approve(service)).state is FormState.APPROVED
    (said,) = (await order(service, path, "k1"))["approvals"]["template"]["by"]
    assert (said["who"], said["known_by"]) == ("班长一", "stated")
    put(tmp_path, more="\n# a word more\n")
    assert await state(service) is FormState.DRAFT
    with pytest.raises(ConflictError, match="草稿"):
        await order(service, path, "k2")
    assert "approvals" not in await order(service, "composition_card_60x40", "k3"), "built-in labels wait for nobody"


async def test_labels_without_a_code_wait_too(service: AgentService, tmp_path: Path) -> None:
    path = put(tmp_path, "wash")
    path.write_bytes(read_template("wash_care_30")[0])
    body = {"template": str(path), "printer": "p1", "count": 1, "operator": "12", "record": RECORD}
    with pytest.raises(ConflictError, match="草稿"):
        await service.copies.submit(body, "c1")
    await approve(service, "wash")
    assert (await service.copies.submit(body, "c1")).quantity == 1


async def test_what_is_offered_is_never_a_draft(service: AgentService, tmp_path: Path) -> None:
    path = str(put(tmp_path).resolve())
    assert "草稿" in (await service.fitting.of_garment(GarmentBody(record=RECORD))).refused[path]
    await approve(service)
    assert path in (await service.fitting.of_garment(GarmentBody(record=RECORD))).templates
    form = await service.approvals.find(TEMPLATE, "card")
    await service.approvals.reject(TEMPLATE, "card", form.of.sha256, "班长一", "字太小")
    assert path in (await service.fitting.of_garment(GarmentBody(record=RECORD))).refused


async def test_only_the_version_that_was_looked_at_is_approved(service: AgentService, tmp_path: Path) -> None:
    seen = (await service.approvals.find(TEMPLATE, "card")).of.sha256
    put(tmp_path, more="\n# somebody was quicker\n")
    for act in (service.approvals.approve, service.approvals.reject):
        with pytest.raises(ConflictError, match="在你看的时候改过"):
            await act(TEMPLATE, "card", seen, "班长一", "看过")
    assert await words(service) == 0
    with pytest.raises(NotFoundError, match="没有这个文件"):
        await service.approvals.approve(TEMPLATE, "../card", seen, "班长一")


async def test_an_older_version_that_is_put_back_is_a_draft(service: AgentService, tmp_path: Path) -> None:
    path = put(tmp_path)
    await approve(service)
    put(tmp_path, more="\n# next\n")
    await approve(service)
    put(tmp_path)
    assert await state(service) is FormState.OLDER
    with pytest.raises(ConflictError, match="草稿"):
        await order(service, path, "k1")
    await approve(service)
    assert await order(service, path, "k1")


async def test_a_second_tap_is_no_second_word_and_a_rejection_says_why(service: AgentService, tmp_path: Path) -> None:
    sha256 = (await approve(service)).of.sha256
    assert (await approve(service)).state is FormState.APPROVED and await words(service) == 1
    with pytest.raises(InputError):
        await service.approvals.reject(TEMPLATE, "card", sha256, "班长一", " ")
    put(tmp_path, more="\n# a draft over it\n")
    back = await service.approvals.reject(TEMPLATE, "card", sha256, "班长二", "字太小")
    assert back.in_force is None and back.state is FormState.DRAFT, "what is in force is taken back, not the draft"
    put(tmp_path)
    form = await service.approvals.find(TEMPLATE, "card")
    assert form.state is FormState.REJECTED and form.rejected is not None
    assert (form.rejected.by, form.rejected.reason) == ("班长二", "字太小")
    await service.approvals.reject(TEMPLATE, "card", sha256, "班长二", "字太小")
    assert await words(service) == 2


async def test_what_cannot_be_used_cannot_be_approved(service: AgentService, tmp_path: Path) -> None:
    put(tmp_path, "broken").write_text("kind = 3", "utf-8")
    (tmp_path / "rules.toml").write_text('[override."S1.chesst"]\n', "utf-8")
    for kind, name in ((TEMPLATE, "broken"), (OVERRIDES, "rules")):
        assert await state(service, name, kind) is FormState.FLAWED
        with pytest.raises(ConflictError, match="有毛病"):
            await approve(service, name, kind=kind)
    assert [one.of.name for one in await service.approvals.all()] == ["rules", "broken", "card"]


async def test_nobody_approves_where_nobody_has_to(tmp_path: Path) -> None:
    path = put(tmp_path)
    async with a_service(tmp_path) as service:
        set_up(service, tmp_path, ApprovalMode.OFF)
        with pytest.raises(ConflictError, match="不用批准"):
            await approve(service)
        assert "approvals" not in await order(service, path, "k1")


async def test_rows_of_the_rules_hold_from_the_word_on_and_until_the_next(
    service: AgentService, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(CHEST, "utf-8")
    assert "overrides" not in await order(service, "composition_card_60x40", "k1"), "a draft has no say"
    await approve(service, "rules", kind=OVERRIDES)
    with pytest.raises(FindingsError, match="S1"):
        await order(service, "composition_card_60x40", "k2")
    rules.write_text(CHEST.replace("BLOCK", "WARN"), "utf-8")
    with pytest.raises(FindingsError, match="S1"):
        await order(service, "composition_card_60x40", "k2")
    await approve(service, "rules", "班长二", OVERRIDES)
    found = await order(service, "composition_card_60x40", "k2")
    assert [one["who"] for one in found["approvals"]["overrides"]["by"]] == ["班长二"]
    assert found["overrides"][0]["severity"] == "WARN"


# --- people -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def a_floor(folder: Path, mode: ApprovalMode) -> AsyncIterator[tuple[Site, Page]]:
    """People who are named, and the web application over them."""
    put(folder)
    async with a_site(folder) as site, a_page(set_up(site.service, folder, mode)) as page:
        yield site, page


async def test_two_different_leads_approve(tmp_path: Path) -> None:
    async with a_floor(tmp_path, FOUR) as (site, page):
        second = site.add(Role.LEAD, "示例班长二", pins.hashed(PIN))
        cookies = [await page.log_in(badge, PIN) for badge in (site.badges[Role.LEAD], second)]
        first, other = (Asking(session=cookie, address="127.0.0.1") for cookie in cookies)
        assert (await approve(site.service, who=first)).state is FormState.HALF
        with pytest.raises(ConflictError, match="要另一位班长"):
            await approve(site.service, who=first)
        with pytest.raises(ConflictError, match="草稿"):
            await site.service.jobs.submit(_body(tmp_path), "k1", first)
        form = await approve(site.service, who=other)
        assert form.state is FormState.APPROVED and len({one.by for one in form.words}) == 2
        job = await site.service.jobs.submit(_body(tmp_path), "k1", first)
        snapshot = json.loads(await site.service.parts.ledger.do(Ledger.snapshot, job.snapshot_hash))
        said = snapshot["approvals"]["template"]["by"]
        assert [one["who"] for one in said] == [one.by for one in form.words]
        assert {one["known_by"] for one in said} == {"badge_pin"}


def _body(folder: Path) -> dict[str, Any]:
    return {"template": str(put(folder)), "printer": "p1", "quantity": 1, "record": RECORD}


async def test_two_typed_names_are_no_four_eyes(tmp_path: Path) -> None:
    put(tmp_path)
    async with a_service(tmp_path) as service:
        set_up(service, tmp_path, FOUR)
        with pytest.raises(ConflictError, match=r"都要扫工牌.*set \[labels\] approval"):
            await approve(service)
        assert await words(service) == 0


async def test_over_the_api(tmp_path: Path) -> None:
    """What waits, its picture with 草稿 above it, a lead's word, and the same picture without."""
    async with a_floor(tmp_path, ONE) as (site, page):
        await site.service.catalogue.import_json(json.dumps(RECORD).encode())
        _, listed, _ = await page.ask("GET", "approvals")
        (form,) = listed["forms"]
        assert (listed["approval"], listed["needed"], form["state"], form["name"]) == ("one", 1, "draft", "card")
        draft = await _picture(page, form["sha256"])
        assert await _offered(site.service, tmp_path) == draft.height, "wherever a draft is drawn, it says so"
        lead = await page.log_in(site.badges[Role.LEAD], PIN)
        operator = await page.log_in(site.badges[Role.OPERATOR])
        path, body = "approvals/template/card/approve", {"sha256": form["sha256"]}
        assert (await page.ask("POST", path, body, cookie=operator))[0] == 403
        status, told, _ = await page.ask("POST", path, body, cookie=lead)
        assert (status, told["state"], told["by"][0]["known_by"]) == (200, "approved", "badge_pin")
        band, approved = dots(BAND_MM, 203), await _picture(page, form["sha256"])
        assert draft.size == (approved.width, approved.height + band)
        below = draft.crop((0, band, draft.width, draft.height))
        assert ImageChops.logical_xor(below, approved).getbbox() is None, "not one of its dots is another"
        put(tmp_path, more="\n# next\n")
        (form,) = (await page.ask("GET", "approvals"))[1]["forms"]
        assert form["state"] == "draft" and form["in_force"]["sha256"] == told["sha256"]
        assert (await _picture(page, form["sha256"])).height > (await _picture(page, told["sha256"])).height
        status, told, _ = await page.ask(
            "POST", "approvals/template/card/reject", {"sha256": form["sha256"], "reason": "字太小"}, cookie=lead
        )
        assert (status, told["state"], told["rejected"]["reason"]) == (200, "rejected", "字太小")


async def _offered(service: AgentService, folder: Path) -> int:
    """The height of what the page for ordering would show."""
    goods = (RECORD["product"]["style_no"], RECORD["product"]["size"], RECORD["lot"]["lot_no"])
    path = (folder / "templates" / "card.toml").resolve()
    return Image.open(io.BytesIO(await service.previews.sample(str(path), *goods, 203))).height


async def _picture(page: Page, sha256: str) -> Image.Image:
    goods = (
        f"style_no={RECORD['product']['style_no']}&size={RECORD['product']['size']}&lot_no={RECORD['lot']['lot_no']}"
    )
    url = f"{page.base}/api/v1/approvals/template/card/picture?sha256={sha256}&{goods}"
    async with page.session.get(url) as answer:
        assert answer.status == 200, await answer.text()
        return Image.open(io.BytesIO(await answer.read())).convert("1")


# --- to paper ---------------------------------------------------------------------------------------------------------


async def test_an_older_version_prints_what_is_left_of_its_job_and_replacements(tmp_path: Path) -> None:
    """Half of a job is printed, the form is changed and approved, the agent starts again."""
    path, tables = put(tmp_path), {"labels": {"approval": "one", "template_path": str(tmp_path / "templates")}}
    then = load_template(str(path))
    breaks = {"profile": "zpl-203", "virtual": {"faults": ("media-out@2",)}}
    async with shop(tmp_path, {"p1": breaks}, **tables) as here:
        await approve(here.service)
        job = await here.order("p1", 6, template=str(path))
        await here.until(job.job_id, JobState.PAUSED)
        ((window, _),) = await here.service.labels.doubts()
        await here.service.labels.settle_window(window.window_id, None, "A01", rest="scrapped")
    path.write_bytes(path.read_bytes().replace("号型".encode(), "尺码".encode()))
    async with shop(tmp_path, {"p1": {"profile": "zpl-203"}}, **tables) as here:
        with pytest.raises(ConflictError, match="草稿"):
            await here.order("p1", 1, "k2", str(path))
        await approve(here.service)
        await here.service.jobs.resume(job.job_id, "A01")
        assert (await here.until(job.job_id, JobState.DONE)).printed == 2
        replaced = await here.service.labels.replace(window.serials[0], "A01", "污了", "k3")
        await here.until(replaced.job_id, JobState.DONE)
        new = await here.order("p1", 1, "k4", str(path))
        await here.until(new.job_id, JobState.DONE)
        # labels 1 and 2 of the tape came out before: the second lacked paper
        old, snapshot = (await _serials(here.service, job.job_id, replaced.job_id)), await _of(here.service, job)
        assert {_ink(here.picture("p1", at)) for at in (3, 4, 5)} == {_drawn(then, snapshot, one) for one in old}
        (serial,) = await _serials(here.service, new.job_id)
        assert _ink(here.picture("p1", 6)) == _drawn(load_template(str(path)), await _of(here.service, new), serial)


def _ink(picture: Image.Image) -> bytes:
    return ImageChops.invert(picture.convert("1")).tobytes()


def _drawn(template: Template, snapshot: dict[str, Any], serial: str) -> bytes:
    return to_image(plan_label(template, snapshot, 203).full(serial)).tobytes()


async def _of(service: AgentService, job: Any) -> dict[str, Any]:
    snapshot: dict[str, Any] = json.loads(await service.parts.ledger.do(Ledger.snapshot, job.snapshot_hash))
    return snapshot


async def _serials(service: AgentService, *jobs: str) -> list[str]:
    """What of these jobs is on paper, job by job."""
    found = await service.parts.ledger.do(Ledger.labels, "printed")
    return [one.serial for job in jobs for one in found if one.job_id == job]
