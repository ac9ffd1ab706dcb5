"""Whether a text promises a file: words that hand one over, not those that ask for one or speak of another's."""

from __future__ import annotations

import re

_PAPERS = (
    r"(?:файл|документ|рахун[ко]|сч[её]т|скріншот|скриншот|скан|копі|копи|фото|договір|договор|накладн|акт\b|акти|акты|чек|"
    r"квитанц|інструкц|инструкц|звіт|отч[её]т|довідк|справк|прайс)\w*"
)
_UKRAINIAN = (
    r"(?:у|в) вкладенн\w+|(?<!лист )(?:з|із|зі) вкладенн\w+|див(?:\.|іться|ись)? (?:у |в )?вкладенн\w+|вкладення додаю"
    rf"|вкладен(?:ий|ому|их|і) (?:файл|документ)\w*|{_PAPERS} вкладен[оаий]\b"
    rf"|(?:у|в|до) додатк\w+ (?:до листа|ви|знайд)|додаток до листа|{_PAPERS} (?:у|в) додатку\b"
    r"|(?:у|в) прикріпленні|прикріп(?:ив|ила|или|люю|люємо|лено|лен\w+)"
    r"|до листа дода(?:ю|ємо|в|ла|ли|но)|дода(?:ю|ємо|в|ла|ли|но) до листа"
    rf"|(?:дода(?:ю|ємо|в|ла|ли|но)|(?:надсил|висил)а(?:ю|ємо)|долучи(?:в|ла|ли)|вкла(?:в|ла|ли)) (?:вам )?{_PAPERS}"
    rf"|{_PAPERS} дода(?:ється|ються|но(?! на| до (?!листа)))|долуча(?:ю|ємо)|вкладаю|вкладаємо"
)
_RUSSIAN = (
    r"во вложени\w+|(?<!письмо )(?:с|со) вложени\w+|(?:см\.?|смотрите|смотри) (?:во )?вложени\w+|(?:во )?вложенн(?:ый|ом|ые|ых) (?:файл|документ)\w*"
    rf"|{_PAPERS} вложен[аоы]?\b|в приложении (?:к письму|{_PAPERS})"
    r"|прикрепи(?:л|ла|ли)\b|прикрепля(?:ю|ем)\b|прикрепл[её]н\w*"
    r"|(?:прикладыва(?:ю|ем)|прилага(?:ю|ем)|приложи(?:л|ла|ли))\b(?! (?:\w+ )?(?:усили|старани))"
    r"|прилага(?:ется|ются)|прилагаем(?:ый|ом|ые|ых)|приложен(?:[аоы]?\b|н\w+)"
    rf"|(?:высыла|отправля|присыла|направля|вкладыва)(?:ю|ем) (?:вам )?{_PAPERS}|вложи(?:л|ла|ли) {_PAPERS}"
)
"""`приложение` is an app as well, and so is `додаток`: alone they promise nothing."""

_ATTACHED = re.compile(
    r"\b(?:"
    r"(?:i|we)(?:['’](?:ve|m|re)| have| am| are)? attach(?:ing|ed|\b)(?! to (?!th))"
    r"|(?:is|are|please (?:find|see)|see|find|the) attached(?! to (?!th))"
    r"|attached (?:is|are|you|please|to this|below|herewith|file|document|invoice|screenshot|copy)"
    r"|(?<!you )(?:see|find|view) (?:the |my |our )?attach(?:ment|ments)|in (?:the )?attachments?|i enclose"
    r"|enclosed (?:is|are|you)|please find enclosed"
    rf"|{_UKRAINIAN}|{_RUSSIAN}"
    r"|(?:im|als|siehe|s\.|beiliegenden?) anhang|in der anlage|anbei|angehängt|beigefügt\w*|(?:hänge|füge) (?:ich )?(?:\w+ ){0,4}(?:an|bei)\b"
    r"|(?:en|dans la|voir|voyez|cf\.) (?:la |les |l['’])?(?:pièces? jointes?|annexe)|en pj\b|ci-?joint\w*|je joins|vous trouverez joint"
    r"|adjunt[oa]s?|adjuntamos|(?:en|ver|vea|véase) (?:el |los )?(?:archivos? )?adjuntos?|he adjuntado"
    r"|w załącz\w+|(?:zobacz|patrz|por\.|zob\.) załączni\w+|załącz(?:am|amy|yłem|yłam|ono)|(?:w|do) załącznik\w*"
    r"|(?:in|allego|vedi|vedere) (?:l['’]|gli )?allegat\w|nell['’]allegato|negli allegati|allego|alleghiamo|in allegato|ho allegato|troverai allegat\w"
    r"|(?:em|no|nos|segue|seguem|ver|veja) (?:o |os )?anexos?|anexei|anexo (?:o|a|os|as)\b|anexamos|envio anexo"
    r")",
    re.IGNORECASE,
)
_ATTACHED_BY_OTHERS = re.compile(
    r"\b(?:you|your|customer|ви|ваш\w*|вы|ihr\w*|votre|usted|você)\b[^.!?\n]{0,25}$",
    re.IGNORECASE,
)
_NOT_ATTACHED = re.compile(
    r"\b(?:not|no|cannot|can['’]t|couldn['’]t|didn['’]t|without|could you|can you|please attach|не|без|чи можете|можете|nicht|kein\w*|ohne|pas|sans|sin|nie"
    r"|bez|non|senza|não|sem)\b[^.!?\n]{0,20}$|\?",
    re.IGNORECASE,
)


_ASKED_FOR = re.compile(
    r"\b(?:(?:наді|при)шліть|відправте|додайте|прикріпіть|долучіть|пришлите|вышлите|отправьте|приложите|прикрепите)\b"
    r"[^.!?\n]{0,40}$",
    re.IGNORECASE,
)
_NOTHING_THERE = re.compile(r"[^.!?\n]{0,20}\b(?:нічого|немає|порожн\w+|ничего|нет|пусто)\b", re.IGNORECASE)


_SENT_BY_OTHERS = re.compile(
    r",? *(?:that |which |що |яке |которое |которые )?(?:you|ви|вы)(?:['’]ve| have| had)? "
    r"(?:sent|attach|provid|shared|forward|надісла|присла|отправ|прикріп|прикреп)\w*",
    re.IGNORECASE,
)
"""Behind the words: it is the customer's own file that is spoken of."""


_END = re.compile(r"[.!?\n]")
NEAR = 400
"""Signs before and behind the words that are looked at: a pasted page is looked through in no time all the same."""


def promise_in(words: str) -> str:
    """The words that speak of an attachment; nothing where none is promised."""
    for match in _ATTACHED.finditer(words):
        begin, end = match.span()
        sentence = _END.split(words[max(0, begin - NEAR) : begin])[-1]
        ending = _END.search(words, end, end + NEAR)
        asks = ending is not None and ending.group() == "?"
        if asks or _NOT_ATTACHED.search(sentence) or _ATTACHED_BY_OTHERS.search(sentence):
            continue
        if _ASKED_FOR.search(sentence) or _NOTHING_THERE.match(words, end) or _SENT_BY_OTHERS.match(words, end):
            continue
        return match.group()
    return ""
