" How .seq files are written: two spaces, `#` comments; `gq` formats with `seqlang fmt -`.
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal expandtab shiftwidth=2 softtabstop=2
setlocal comments=:# commentstring=#\ %s
setlocal suffixesadd=.seq
if executable("seqlang")
  setlocal formatprg=seqlang\ fmt\ -
endif

let b:undo_ftplugin = "setlocal expandtab< shiftwidth< softtabstop< comments< commentstring< suffixesadd< formatprg<"
