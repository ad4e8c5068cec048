"""Vim and Neovim as Debian has them: colours, and Neovim as a client of the server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.debian import program

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "qualify-inbound-leads"
SCRIPT = """
vim.opt.runtimepath:append(vim.env.SEQ_VIM)
vim.opt.runtimepath:append(vim.env.SEQ_NEOVIM)
vim.cmd("filetype plugin on | syntax on")
local out = {}
require("seqlang").setup({ cmd = vim.json.decode(vim.env.SEQ_COMMAND), on_attach = function() out.attached = true end })
vim.cmd("runtime ftdetect/seq.vim")
vim.cmd("edit leads.seq")
out.filetype = vim.bo.filetype
local function wait(what) return vim.wait(60000, what, 50) end
wait(function() return out.attached end)
local function say(words, new)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    if line:find(words, 1, true) then
      vim.api.nvim_buf_set_lines(0, number - 1, number, false, { new })
      return
    end
  end
end
say("step bump: email on day 3", "        step bump: emial on day 3 when not replied {")
wait(function() return #vim.diagnostic.get(0) > 0 end)
out.diagnostics = vim.tbl_map(function(d) return d.code or d.message end, vim.diagnostic.get(0))
say("step bump: emial", "        step bump: email on day 3 when not replied {")
wait(function() return #vim.diagnostic.get(0) == 0 end)
out.left = #vim.diagnostic.get(0)
vim.lsp.buf.formatting_sync(nil, 60000)
out.text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\\n") .. "\\n"
vim.fn.writefile({ vim.json.encode(out) }, vim.env.SEQ_OUT)
vim.cmd("qall!")
"""


@pytest.mark.debian("nvim")
def test_neovim_attaches_shows_diagnostics_and_formats(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLE, folder)
    script, result = tmp_path / "client.lua", tmp_path / "out.json"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = os.environ | {
        "SEQ_VIM": str(ROOT / "editors" / "vim"),
        "SEQ_NEOVIM": str(ROOT / "editors" / "neovim"),
        "SEQ_COMMAND": json.dumps([sys.executable, "-m", "seqlang.cli.main", "lsp"]),
        "SEQ_OUT": str(result),
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    nvim = program("nvim")
    assert nvim is not None
    command = [nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {script}"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=110, check=False)
    assert result.is_file(), done.stderr
    out = json.loads(result.read_text("utf-8"))
    assert out["filetype"] == "seq"
    assert out["diagnostics"] == ["SEQ400"]
    assert out["left"] == 0
    assert out["text"] == (EXAMPLE / "leads.seq").read_text("utf-8")


COLOURS = r"""
set nocompatible
let &runtimepath .= ',' . $SEQ_VIM
filetype plugin on
syntax on
edit leads.seq
let out = {'filetype': &filetype, 'shift': &shiftwidth, 'groups': {}}
let words = ['step', 'step \zshello', 'hello: \zsemail', 'template', 'when', 'when \zsnot', 'not \zsreplied', '"hello.html"']
for word in words + ['# New', '{{', '09:30']
  call cursor(1, 1)
  let at = search('\V' . word, 'c')
  let out.groups[word] = synIDattr(synID(at, col('.'), 1), 'name')
endfor
call writefile([json_encode(out)], $SEQ_OUT)
qall!
"""


@pytest.mark.debian("nvim")
def test_vim_colours_words_by_what_they_are(tmp_path: Path) -> None:
    script, result = tmp_path / "colours.vim", tmp_path / "out.json"
    script.write_text(COLOURS, encoding="utf-8")
    environment = os.environ | {"SEQ_VIM": str(ROOT / "editors" / "vim"), "SEQ_OUT": str(result)}
    nvim = program("nvim")
    assert nvim is not None
    command = [nvim, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", str(script)]
    done = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.is_file(), done.stderr
    out = json.loads(result.read_text("utf-8"))
    assert (out["filetype"], out["shift"]) == ("seq", 2)
    assert out["groups"] == {
        "step": "seqDeclaration",
        r"step \zshello": "seqStepName",
        r"hello: \zsemail": "seqChannel",
        "template": "seqOption",
        "when": "seqControl",
        r"when \zsnot": "seqOperator",
        r"not \zsreplied": "seqFact",
        '"hello.html"': "seqText",
        "# New": "seqComment",
        "{{": "seqPlaceholder",
        "09:30": "seqTime",
    }
