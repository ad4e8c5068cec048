"""The language server: protocol in, `seqlang.editing` in the middle, protocol out."""
