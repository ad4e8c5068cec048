"""Plugins are found by entry point, read as data, and a broken one is named and left out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from seqlang.errors import NotFoundError, PluginError
from seqlang.host import Host, load
from seqlang.sdk import MailboxSettings
from seqlang.vocabulary.settings import ProjectSettings

MANIFEST = """
sdk = "1.0"
[[channels]]
word = "{word}"
help = "A test channel"
effect = "message"
options = [{{ name = "text", type = "text", required = true }}]
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Put a distribution with one plugin on the path, as an installer would."""
    made: list[str] = []
    sys.path.insert(0, str(tmp_path))

    def put(name: str, code: str = "", manifest: str | None = None, module: str | None = None) -> None:
        module = module or f"plug_{name}"
        package = tmp_path / module
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text(dedent(code))
        if manifest is not None:
            (package / "seqlang-plugin.toml").write_text(manifest)
        info = tmp_path / f"dist_{name}_{len(made)}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist-{name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[seqlang.plugins]\n{name} = {module}\n")
        made.append(module)

    yield put
    sys.path.remove(str(tmp_path))
    for name in made:
        sys.modules.pop(name, None)


def loaded(*names: str, plan: str | None = None) -> Host:
    return load(ProjectSettings(plugins=names, plan=plan))


def reasons(host: Host) -> dict[str, str]:
    return {problem.plugin: problem.reason for problem in host.problems}


def test_plugin_with_manifest_is_read_without_running_its_code(install: Install) -> None:
    install("quiet", "raise SystemExit('nobody may run me')", MANIFEST.format(word="quiet"))
    host = loaded("quiet")
    assert [c.word for c in host.words.channels] == ["quiet"]
    assert host.problems == ()
    assert "plug_quiet" not in sys.modules


def test_plugin_that_raises_on_import_is_named_and_left_out(install: Install) -> None:
    install("bad", "raise SystemExit('boom')", MANIFEST.format(word="bad"))
    install("good", "", MANIFEST.format(word="good"))
    host = loaded("bad", "good")
    host.verify()
    assert [c.word for c in host.words.channels] == ["good"]
    assert "boom" in reasons(host)["bad"]
    with pytest.raises(PluginError, match="left out"):
        host.open("bad", MailboxSettings("bad", "default"))


def test_plugin_with_an_unknown_hook_is_named(install: Install) -> None:
    code = """
        from seqlang.sdk import hookimpl
        @hookimpl
        def opens_channel(word): ...
    """
    install("odd", code, MANIFEST.format(word="odd"))
    host = loaded("odd")
    host.verify()
    assert "opens_channel" in reasons(host)["odd"]


@pytest.mark.parametrize("version", ["2.0", "1.99", "0.9", "one"])
def test_plugin_of_another_interface_is_left_out(install: Install, version: str) -> None:
    install("later", "", f'sdk = "{version}"\nnew_key = 1\n')
    assert f"`{version}`" in reasons(loaded("later"))["later"]


CHANNEL = 'sdk = "1.3"\n[[channels]]\nword = "x"\nhelp = ""\noptions = []\neffect = "message"\n'


@pytest.mark.parametrize(
    ("manifest", "part"),
    [
        ("sdk = ", "not TOML"),
        ("", "no plugin interface"),
        ('sdk = "1.0"\nchanels = []', "`chanels`"),
        ('sdk = "1.0"\n[[channels]]\nword = "x"\nhelp = ""\noptions = []\neffect = "magic"', "effect"),
        (CHANNEL + "settings = [{ name = 'a', type = 'text', needs = ['b'] }]", "`b`"),
        (CHANNEL + "settings = [{ name = 'a', type = 'text' }]\nsettings_one_of = [['a', 'c']]", "`c`"),
        (CHANNEL + "settings = [{ name = 'a', type = 'text', pattern = '(' }]", "regular expression"),
    ],
)
def test_manifest_with_a_mistake_is_told_in_one_line(install: Install, manifest: str, part: str) -> None:
    install("wrong", "", manifest)
    reason = reasons(loaded("wrong"))["wrong"]
    assert part in reason
    assert "\n" not in reason


def test_word_that_two_plugins_claim_stays_with_the_first(install: Install) -> None:
    install("b", "", MANIFEST.format(word="chat"))
    install("a", "", MANIFEST.format(word="chat"))
    host = loaded("a", "b")
    assert reasons(host) == {"b": "its channel `chat` is already that of the plugin `a`"}
    assert [c.word for c in host.words.channels] == ["chat"]


def test_plugin_without_a_manifest_is_asked(install: Install) -> None:
    code = """
        from seqlang.sdk import ChannelSpec, OptionSpec, hookimpl
        @hookimpl
        def channels():
            return [ChannelSpec(word="asked", help="", effect="message", options=(OptionSpec(name="text", type="text"),))]
    """
    install("asked", code)
    assert loaded("asked").words.channel("asked") is not None


def test_plugin_whose_data_has_the_wrong_type_is_left_out(install: Install) -> None:
    code = """
        from seqlang.sdk import hookimpl
        @hookimpl
        def channels():
            return ["asked"]
    """
    install("asked", code)
    assert "`str`" in reasons(loaded("asked"))["asked"]


def test_project_that_wants_a_missing_plugin_is_told() -> None:
    assert reasons(loaded("pigeon")) == {"pigeon": "no plugin of the name `pigeon` is installed"}


def test_plan_named_by_the_project_brings_its_plugin(install: Install) -> None:
    install("acme", "", 'sdk = "1.0"\n[[policies]]\nname = "acme.big"\n')
    assert loaded(plan="acme.big").words.policy("acme.big") is not None
    assert loaded(plan="tiny").words.policies == ()


def test_channel_that_no_plugin_brings_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="`pigeon`"):
        loaded().open("pigeon", MailboxSettings("pigeon", "default"))


def test_plugin_list_names_the_distribution_and_the_problem(install: Install) -> None:
    install("listed", "", "sdk = 1")
    (info,) = loaded("listed").plugins()
    assert (info.name, info.distribution, info.version) == ("listed", "dist-listed", "1.2")
    assert info.problem is not None


HANGS = "import threading\nthreading.Event().wait(30)\n"
SAYS_NOTHING = """\
import threading
from seqlang.sdk import hookimpl

@hookimpl
def channels():
    threading.Event().wait(30)
"""


@pytest.mark.slow
def test_plugins_without_a_manifest_that_hang_are_named_and_left_out(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqlang.host.code.PLUGIN_IMPORT_SECONDS", 1)
    monkeypatch.setattr("seqlang.host.host.PLUGIN_IMPORT_SECONDS", 0.2)
    install("hanger", HANGS)
    install("mute", SAYS_NOTHING)
    install("sound", "", MANIFEST.format(word="sound"))
    host = loaded("hanger", "mute", "sound")
    assert reasons(host) == {
        "hanger": "it was not imported within 1 seconds", "mute": "it did not say within 0.2 seconds what it brings",
    }
    assert [c.word for c in host.words.channels] == ["sound"]


def test_plugin_with_a_manifest_that_hangs_on_import_is_named_when_it_is_called(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqlang.host.code.PLUGIN_IMPORT_SECONDS", 0.2)
    install("stuck", HANGS, MANIFEST.format(word="stuck"))
    host = loaded("stuck")
    assert host.problems == ()  # nothing of it ran
    with pytest.raises(PluginError, match="the plugin `stuck` is left out: it was not imported within"):
        host.open("stuck", MailboxSettings("stuck", "default"))
