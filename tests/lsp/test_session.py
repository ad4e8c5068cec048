"""A session over stdio: what an editor gets while somebody types."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.lsp.editor import Editor, applied

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


async def test_a_mistake_is_told_while_typing_and_gone_when_it_is_mended(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    assert await file.diagnostics() == []
    file.type("step bump: email on day 3", "step bump: emial on day 3")
    (found,) = await file.diagnostics()
    assert (found.code, found.severity) == ("SEQ400", types.DiagnosticSeverity.Error)
    assert found.range.start == file.place("emial", 0)
    assert "did you mean `email`?" in found.message
    file.type("emial", "email")
    assert await file.diagnostics() == []


async def test_a_half_written_line_hides_no_other_mistake(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    await file.diagnostics()
    file.type("  step ring: call on day 5", "  step later2: task on\n  step ring: cal on day 5")
    codes = {d.code for d in await file.diagnostics()}
    assert "SEQ400" in codes
    assert len(codes) == 2


async def test_a_mistake_in_one_file_is_told_of_another(client: LanguageClient, project: Path) -> None:
    (project / "other.seq").write_text('view "All fresh" of contact where in view "Fresh leads" and stage = "Lead"\n', "utf-8")
    file = Editor(client, project / "leads.seq")
    assert [d.code for d in await file.diagnostics()] == []
    file.type('view "Fresh leads" of', 'view "Cold people" of')
    await file.diagnostics()
    other = (project / "other.seq").as_uri()
    assert [d.code for d in client.diagnostics[other] if d.severity == types.DiagnosticSeverity.Error] != []


async def test_a_template_in_the_editor_counts_before_it_is_saved(client: LanguageClient, project: Path) -> None:
    template = Editor(client, project / "templates" / "hello.html")
    await template.diagnostics()
    template.type("contact.first_name", "contact.frist_name")
    (found,) = await template.diagnostics()
    assert found.code == "SEQ440"
    assert found.range.start == template.place("frist_name", -len("contact."))


async def test_completion_knows_the_newest_text(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    await file.diagnostics()
    file.type("when not replied {", "when not replied and sc {")
    assert "score" in await file.complete("and sc {", 6)
    file.type("reply_to_step: hello", "reply_to_step: h")
    assert "hello" in await file.complete("reply_to_step: h", 16)


async def test_hover_says_when_a_step_comes(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    at = file.where("bump: email")
    found = await client.text_document_hover_async(types.HoverParams(at.text_document, at.position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "Comes on Wed 4 March at 09:30 for someone who enters today." in found.contents.value


async def test_dates_stand_beside_the_days(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    await file.diagnostics()
    whole = types.Range(types.Position(0, 0), types.Position(200, 0))
    found = await client.text_document_inlay_hint_async(types.InlayHintParams(file.document, whole))
    assert [hint.label for hint in found or ()] == ["Mon 2 March", "Wed 4 March", "Fri 6 March", "Wed 11 March"]
    file.type("on day 3", "on day 4")
    found = await client.text_document_inlay_hint_async(types.InlayHintParams(file.document, whole))
    assert len(found or ()) >= 3  # at once, from what is known


async def test_definition_and_references_go_over_files(client: LanguageClient, project: Path) -> None:
    (project / "other.seq").write_text('view "Both" of contact where in view "Fresh leads" and score > 3\n', "utf-8")
    file = Editor(client, project / "leads.seq")
    at = file.where('view "Fresh leads"\n', 8)
    (found,) = await client.text_document_definition_async(types.DefinitionParams(at.text_document, at.position))  # type: ignore[misc]
    assert isinstance(found, types.Location)
    assert found.range.start == file.place('view "Fresh leads" of', len('view "'))
    context = types.ReferenceContext(include_declaration=True)
    places = await client.text_document_references_async(types.ReferenceParams(context, at.text_document, at.position))
    assert sorted(place.uri.rpartition("/")[2] for place in places or ()) == ["leads.seq", "leads.seq", "other.seq"]
    at = file.where('"hello.html"', 3)
    (found,) = await client.text_document_definition_async(types.DefinitionParams(at.text_document, at.position))  # type: ignore[misc]
    assert isinstance(found, types.Location)
    assert found.uri.endswith("/templates/hello.html")


async def test_rename_goes_over_files_and_templates(client: LanguageClient, project: Path) -> None:
    (project / "more.seq").write_text("record contact { company_size number }\n", "utf-8")
    text = "<title>x</title>{{ contact.first_name | default('x') }} {{ contact.company_size }}"
    (project / "templates" / "hello.html").write_text(text, "utf-8")
    more = Editor(client, project / "more.seq")
    at = more.where("company_size", 3)
    found = await client.text_document_rename_async(types.RenameParams(at.text_document, at.position, "size"))
    assert found is not None
    assert found.changes is not None
    assert {uri.rpartition("/")[2] for uri in found.changes} == {"more.seq", "hello.html"}
    template = project / "templates" / "hello.html"
    new = applied(template.read_text("utf-8"), list(found.changes[template.as_uri()]))
    assert "{{ contact.size }}" in new


async def test_what_is_built_in_is_not_renamed(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    at = file.where("unique by email", 11)
    with pytest.raises(JsonRpcException, match="`email` is built in"):
        await client.text_document_prepare_rename_async(types.PrepareRenameParams(at.text_document, at.position))


async def test_formatting_gives_the_one_layout_and_leaves_mistakes_alone(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    file.type("  owner ", "        owner ")
    options = types.FormattingOptions(tab_size=2, insert_spaces=True)
    edits = await client.text_document_formatting_async(types.DocumentFormattingParams(file.document, options))
    assert applied(file.text, list(edits or ())) == (project / "leads.seq").read_text("utf-8")
    file.type("audience {", "audience")
    assert not await client.text_document_formatting_async(types.DocumentFormattingParams(file.document, options))


async def test_quick_fixes_mend_and_create(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    file.type("step bump: email", "step bump: emial")
    file.type('"hello.html"', '"greeting.html"')
    found = await file.diagnostics()
    assert {d.code for d in found} == {"SEQ400", "SEQ430"}
    whole = types.Range(types.Position(0, 0), types.Position(200, 0))
    params = types.CodeActionParams(file.document, whole, types.CodeActionContext(found))
    actions = [a for a in await client.text_document_code_action_async(params) or () if isinstance(a, types.CodeAction)]
    titles = [action.title for action in actions]
    assert "write `email`" in titles
    assert "create `templates/greeting.html`" in titles
    mend = next(a for a in actions if a.title == "write `email`")
    assert mend.edit is not None
    assert mend.edit.changes is not None
    assert "step bump: email" in applied(file.text, list(mend.edit.changes[file.uri]))
    assert [a.kind for a in actions if a.title.startswith("apply")] == [types.CodeActionKind.SourceFixAll]


async def test_outline_folds_colours_and_search(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(file.document))
    flow = next(s for s in symbols or () if isinstance(s, types.DocumentSymbol) and s.name == "Qualify new leads")
    assert [child.name for child in flow.children or ()] == ["hello", "bump", "ring", "later"]
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(file.document))
    assert any(fold.start_line == flow.range.start.line for fold in folds or ())
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(file.document))
    assert tokens is not None
    assert len(tokens.data) % 5 == 0
    assert len(tokens.data) > 500
    found = await client.workspace_symbol_async(types.WorkspaceSymbolParams("ring"))
    assert [s.name for s in found or () if s.location.uri == file.uri] == ["ring"]


async def test_columns_are_counted_as_the_editor_counts(client: LanguageClient, project: Path) -> None:
    text = 'view "\U0001f600\U0001f600" of contact where scroe > 3\r\nlist "L" of contact\r\n'
    file = Editor(client, project / "smile.seq", text)
    (found, *_) = [d for d in await file.diagnostics() if d.code == "SEQ211"]
    assert (found.range.start.character, found.range.end.character) == (29, 34)
    assert file.text[27:32] == "scroe"  # two signs beyond the first plane count twice


async def test_what_was_not_saved_is_forgotten_with_its_file(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    file.type("step bump: email", "step bump: emial")
    assert [d.code for d in await file.diagnostics()] == ["SEQ400"]
    client.text_document_did_close(types.DidCloseTextDocumentParams(file.document))
    again = Editor(client, project / "leads.seq")
    assert await again.diagnostics() == []


async def test_a_file_that_is_written_by_somebody_else_counts(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    file.type('"hello.html"', '"new.html"')
    assert [d.code for d in await file.diagnostics()] == ["SEQ430"]
    template = project / "templates" / "new.html"
    template.write_text("<title>x</title>", "utf-8")
    event = types.FileEvent(template.as_uri(), types.FileChangeType.Created)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    assert await file.diagnostics() == []


async def test_the_same_name_is_highlighted(client: LanguageClient, project: Path) -> None:
    file = Editor(client, project / "leads.seq")
    at = file.where("step hello", 6)
    found = await client.text_document_document_highlight_async(types.DocumentHighlightParams(at.text_document, at.position))
    assert len(found or ()) == file.text.count("hello") - file.text.count("hello.html")
