" Vim syntax file of the seqlang language (.seq).
" Made by `python -m seqlang.editing.editors`; not to be edited by hand.
if exists("b:current_syntax")
  finish
endif

syntax case match
syntax iskeyword @,48-57,_,192-255

syntax keyword seqDeclaration audience cadence calendar classic event goal journey let list outbound record
syntax keyword seqDeclaration sequence smart split step test view workflow
syntax keyword seqControl choose else exit expect for holdout if otherwise until wait when
syntax match seqOperator '\<contains\>'
syntax keyword seqOperator after and before between ends in is not or starts with
syntax keyword seqConstant empty no nothing now today yes
syntax keyword seqFact bounced clicked count done finished opened outcome overdue replied sent tagged
syntax keyword seqFact unsubscribed
syntax keyword seqUnit day days hour hours minute minutes week weeks working
syntax keyword seqKeyword a add admit again assign at because by change choice closed contact created cron
syntax keyword seqKeyword daily default did enroll enrolled enter entered entry every except exclusive exited
syntax keyword seqKeyword fri from holidays last late latest limit link machine message messages mon more most
syntax keyword seqKeyword move moved next of office on open out over owner released remove reported robin
syntax keyword seqKeyword round run sat set since skip skipped soft start sun tag takes than the thu timezone
syntax keyword seqKeyword to tue undeliverable unique untag updated was wed weekends where window winner

syntax match seqNumber '\v<\d+(_\d+)*(\.\d+)?\%?'
syntax match seqDate '\v<\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?'
syntax match seqTime '\v<\d\d:\d\d>'
syntax match seqOption '\v<\h\w*\ze\s*:(\d)@!'
syntax match seqStepName '\v(<step\s+)@<=[^:[:space:]]+\ze\s*:'
syntax match seqChannel '\v(<step\s+(\w+|`[^`]+`)\s*:\s*)@<=\h\w*'
syntax match seqQuotedName '`[^`]*`'
syntax match seqSign '\v[=<>!]+'
syntax match seqEscape contained '\v\\([\"nt\\]|u\{\x{1,6}\})'
syntax region seqPlaceholder contained start='{{' end='}}' oneline
syntax region seqText start='\"' skip='\\.' end='\"\|$' contains=seqEscape,seqPlaceholder,@Spell
syntax region seqText start='\"\"\"' end='\"\"\"' contains=seqEscape,seqPlaceholder,@Spell
syntax match seqComment '#.*$' contains=@Spell
syntax region seqBlock start='{' end='}' transparent fold
syntax sync minlines=200

highlight default link seqDeclaration Statement
highlight default link seqControl Conditional
highlight default link seqOperator Operator
highlight default link seqConstant Constant
highlight default link seqFact Function
highlight default link seqUnit Type
highlight default link seqKeyword Keyword
highlight default link seqNumber Number
highlight default link seqDate Number
highlight default link seqTime Number
highlight default link seqOption Identifier
highlight default link seqStepName Function
highlight default link seqChannel Type
highlight default link seqQuotedName Identifier
highlight default link seqSign Operator
highlight default link seqEscape SpecialChar
highlight default link seqPlaceholder Special
highlight default link seqText String
highlight default link seqComment Comment

let b:current_syntax = "seq"
