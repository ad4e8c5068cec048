autocmd BufNewFile,BufRead *.seq setfiletype seq
