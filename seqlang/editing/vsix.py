"""The package of the VS Code extension, without any tool of its own: `python -m seqlang.editing.vsix [seqlang.vsix]`.

A `.vsix` is an archive with the files of the extension, a manifest of the package and the types of its files. The same files give
the same bytes.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

FOLDER = Path("editors/vscode")
_FILES = ("package.json", "README.md", "language-configuration.json", "*.js", "snippets/*.json", "syntaxes/*.json")
_TYPES = {"js": "application/javascript", "json": "application/json", "md": "text/markdown", "vsixmanifest": "text/xml"}
_WHEN = (1980, 1, 1, 0, 0, 0)  # the first instant that an archive knows
_MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id={name} Version={version} Publisher={publisher} />
    <DisplayName>{display}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Tags>{tags}</Tags>
    <Categories>{categories}</Categories>
    <GalleryFlags>Public</GalleryFlags>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value={engine} />
      <Property Id="Microsoft.VisualStudio.Code.ExtensionDependencies" Value="" />
      <Property Id="Microsoft.VisualStudio.Code.ExtensionPack" Value="" />
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace" />
      <Property Id="Microsoft.VisualStudio.Code.LocalizedLanguages" Value="" />
      <Property Id="Microsoft.VisualStudio.Code.ExecutesCode" Value="true" />
    </Properties>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code" />
  </Installation>
  <Dependencies />
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true" />
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true" />
  </Assets>
</PackageManifest>
"""


def pack(folder: Path, out: Path) -> tuple[str, ...]:
    """Write the package of the extension in a folder, and return the names of what is in it."""
    files = sorted({file for pattern in _FILES for file in folder.glob(pattern)})
    parts = {
        "extension.vsixmanifest": manifest((folder / "package.json").read_text("utf-8")).encode(),
        "[Content_Types].xml": _types().encode(),
        **{f"extension/{file.relative_to(folder).as_posix()}": file.read_bytes() for file in files},
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), content, zipfile.ZIP_DEFLATED)
    return tuple(parts)


def manifest(package: str) -> str:
    """Return the manifest of the package, from the text of `package.json`."""
    said = json.loads(package)
    languages = said["contributes"]["languages"]
    tags = [*said["keywords"], "snippet", *(word for one in languages for word in one["aliases"])]
    tags += [f"__ext_{extension.removeprefix('.')}" for one in languages for extension in one["extensions"]]
    return _MANIFEST.format(
        name=quoteattr(said["name"]), version=quoteattr(said["version"]), publisher=quoteattr(said["publisher"]),
        display=escape(said["displayName"]), description=escape(said["description"]), tags=escape(",".join(dict.fromkeys(tags))),
        categories=escape(",".join(said["categories"])), engine=quoteattr(said["engines"]["vscode"]),
    )  # fmt: skip


def _types() -> str:
    known = "".join(f'<Default Extension=".{ending}" ContentType="{kind}" />' for ending, kind in sorted(_TYPES.items()))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{known}</Types>\n'
    )


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "seqlang.vsix"
    names = pack(FOLDER, target)
    sys.stdout.write(f"{target}: {len(names)} files\n")
