"""The words by which mail programs announce quotes, forwards and signatures, in the languages they speak."""

from __future__ import annotations

import re
from typing import Final

_VERBS: Final = (
    # English, German, Dutch, Scandinavian, Finnish
    r"wrote|writes|schrieb|geschrieben|schreef|geschreven|skrev|skrifaði|kirjoitti|"
    # French, Spanish, Italian, Portuguese, Romanian, Catalan
    r"écrit|ecrit|écrivait|escribió|escribio|escribía|scritto|scrisse|scriveva|escreveu|escrito|scris|escrigué|"
    # Polish, Czech, Slovak, Slovene, Croatian, Hungarian, Turkish, Greek
    r"napisał(?:\(a\)|/a|a)?|napisana przez|pisze|pisał(?:\(a\)|a)?|napsal(?:\(a\)|a)?|napísal(?:\(a\)|a)?|píše|piše|napisao|írta|yazdı|yazmış|έγραψε|"
    # Russian, Ukrainian, Belarusian, Bulgarian, Serbian
    r"написал(?:\(-?а\)|/а|а)?|пишет|писал(?:\(-?а\)|а|и)?|написали|написано|написав(?:\(-?ла\)|/ла|ла)?|написала|пише|писав|писала|писали|напісаў|написа|написао"
)
VERB: Final = re.compile(rf"(?<!\w)(?:{_VERBS})(?!\w)|写道|寫道|写到|작성|書きました|のメール|كتب|כתב", re.IGNORECASE)
QUOTING: Final = re.compile(
    r"^(?:quoting|zitat von|citando(?: a)?|citat(?: från| fra)?|citation de|cytowanie|цитирую|цитата|цитування|selon)(?!\w)",
    re.IGNORECASE,
)

_PRONOUNS: Final = (
    r"i|we|you|they|he|she|ich|wir|du|sie|er|man|je|j'ai|j’ai|nous|vous|yo|nosotros|io|ho|abbiamo|eu|nós|"
    r"ja|я|мы|ты|вы|он|она|они|ми|ти|ви|він|вона|вони|мне|мені|have|had|habe|hatte|ai|avons|avez|has|he"
)
PRONOUN_VERB: Final = re.compile(
    rf"(?<![\w@.])(?:{_PRONOUNS})\s+(?:\w+\s+)?(?:{_VERBS})(?!\w)|(?<!\w)(?:{_VERBS})\s+(?:{_PRONOUNS})(?![\w@.])",
    re.IGNORECASE,
)
"""Somebody tells in his own words who wrote: no mail program says `I`."""

YOUR: Final = re.compile(
    r"(?<![\w@.])(?:your|yours|ihr|ihre|ihren|euer|votre|vos|vuestro|vostro|vostra|wasz|państwa|ваш|ваша|ваше|ваши|ваші|вами)(?![\w@.])",
    re.IGNORECASE,
)
"""`Your colleague wrote` is told by a person as well."""

_WEEKDAYS: Final = (
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|sab|seg|ter|qua|qui|sex|"
    r"pon|wt|śr|czw|pią|pt|sob|niedz|út|čt|pá|пн|вт|ср|чт|пт|сб|вс|нд|понед|вторн|вівто|сред|серед|четв|пятн|п['’]ятн|субб|субот|воскр|неді|"
    r"ma|ti|ons|on|to|lør|lör|fre|zo|vr|za)\w{0,12}(?:-feira)?[.,]{0,2}\s"
)
OPENER: Final = re.compile(
    r"^(?:on|at|am|le|el|en|il|вкл|увімк|în|in data|nel giorno|em|a \w{3}|op|den|på|pe data de|pe|la data|dne|w dniu|dnia|v|у|в|от|від|за|"
    r"il giorno|vào|tarihinde|at|kl|quoting|wiadomość napisana)(?=[\s,])|^(?:在|于|於)|"
    rf"^(?:a|à|às|na|no|no dia|w|we|u)\s+(?:\d|{_WEEKDAYS})",
    re.IGNORECASE,
)
WEEKDAY: Final = re.compile(rf"^{_WEEKDAYS}", re.IGNORECASE)
DATE: Final = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|(?:19|20)\d\d)(?!\d)|\d{4}年|"
    r"(?<!\w)(?:jan|feb|fév|mar|mär|mrz|apr|avr|abr|may|mai|maj|jun|juin|jui|jul|aug|aoû|ago|sep|set|oct|okt|out|ott|nov|dec|dez|déc|dic|gen|giu|lug|"
    r"sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|"
    r"янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру)\w{0,9}\.?\s+\d|"
    r"\d{1,2}\.?\s+(?:de\s+)?(?:jan|feb|fév|mar|mär|mrz|apr|avr|abr|may|mai|maj|jun|juin|jui|jul|aug|aoû|ago|sep|set|oct|okt|out|ott|nov|dec|dez|déc|dic|gen|giu|lug|"
    r"sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|"
    r"янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру)",
    re.IGNORECASE,
)
TIME: Final = re.compile(r"(?<!\d)\d{1,2}\s?[:.h時]\s?\d{2}(?!\d)|(?<!\d)\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)
EMAIL: Final = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,6}")

_FROM = "from von de da od от від van fra från lähettäjä kimden feladó expéditeur expediteur remitente mittente отправитель відправник 发件人 寄件者 差出人 보낸사람"
_SENT = (
    "sent gesendet envoyé envoye enviado enviada inviato wysłano wysłane wyslano отправлено послано надіслано відправлено verzonden sendt skickat lähetetty "
    "gönderme odesláno elküldve 发送时间 送信日時 보낸날짜|enviado el|enviada em|data invio|date d'envoi|дата отправки|sent at|sent on"
)
_DATE = "date datum fecha data дата dato datum päiväys tarih dátum 日期 日付|date and time"
_TO = "to an à a para do кому aan til till vastaanottaja kime komu címzett destinataire destinatario получатель отримувач 收件人 宛先 받는사람"
_CC = "cc bcc kopie copie cópia copia копия копія kopia dw udw к cci|cc to"
_SUBJECT = "subject betreff objet asunto oggetto assunto temat тема onderwerp emne ämne aihe předmět tárgy konu sujet 主题 主旨 件名 제목"
_OTHER = (
    "importance priority attachments organization wichtigkeit priorität anlagen pièces важность вложения пріоритет вкладення|reply-to|"
    "on behalf of|message-id|antwort an|répondre à|responder a|im auftrag von"
)


def _table(*groups: tuple[str, str]) -> dict[str, str]:
    return {
        word: kind
        for kind, words in groups
        for piece in words.split("|")
        for word in ([piece] if " " in piece and piece != words.split("|")[0] else piece.split())
    }


FIELDS: Final = _table(
    ("from", _FROM),
    ("sent", _SENT),
    ("date", _DATE),
    ("to", _TO),
    ("cc", _CC),
    ("subject", _SUBJECT),
    ("other", _OTHER),
)
"""Names of header fields as mail programs write them into a quote, and what they mean."""

FORM: Final = re.compile(
    r"[\s>*_]*(?:message(?: body| text)?|comments?|phone(?: number)?|telephone|e-?mail(?: address)?|name|"
    r"nachricht|telefon(?:nummer)?|anfrage|mensaje|teléfono|comentarios?|messaggio|telefono|mensagem|téléphone|commentaire|"
    r"wiadomość|treść(?: wiadomości)?|повідомлення|телефон|коментар|звернення|пошта|ел\. ?пошта|сообщение|комментарий|обращение|почта|"
    r"текст)[*_ ]{0,3}[:：]",
    re.IGNORECASE,
)
"""Fields of a form on a site: mail programs write none of them."""

FORWARD: Final = re.compile(
    r"forwarded (?:message|mail|email|by)|begin forwarded|weitergeleitete (?:nachricht|mail)|anfang der weitergeleiteten|"
    r"message (?:transféré|réexpédié|transmis)|début du message (?:transféré|réexpédié)|mensaje reenviado|"
    r"inicio del mensaje reenviado|messaggio inoltrato|inizio (?:del )?messaggio inoltrato|mensagem (?:encaminhada|reencaminhada)|"
    r"início da mensagem (?:encaminhada|reencaminhada)|(?:przekazana|przesłana dalej) wiadomość|wiadomość przekazana|"
    r"początek przekazywanej wiadomości|пересланн?ое сообщение|пересылаемое сообщение|начало пере(?:адресованного|сланного|сылаемого)|"
    r"переслан(?:е|ий) (?:повідомлення|лист)|переадресован(?:е|ое) (?:повідомлення|сообщение)|початок пере(?:адресованого|сланого)|початок (?:листа|повідомлення), що пересилається|"
    r"doorgestuurd bericht|begin doorgestuurd|videresendt|vidarebefordrat|välitetty viesti|转发的?邮件|轉寄郵件|転送された?メッセージ",
    re.IGNORECASE,
)
ORIGINAL: Final = re.compile(
    r"original (?:message|mail|e-mail|appointment)|reply message|ursprüngliche (?:nachricht|mail|e-mail)|original-?nachricht|"
    r"message (?:d['’]origine|original)|mensaje original|messaggio original\w*|mensagem original|"
    r"(?:oryginalna|pierwotna) wiadomość|wiadomość oryginalna|(?:исходное|оригинальное|первоначальное) сообщение|"
    r"(?:вихідне|оригінальне|початкове) повідомлення|oorspronkelijk bericht|oprindelig meddelelse|"
    r"ursprungligt meddelande|opprinnelig melding|alkuperäinen viesti|původní zpráva|eredeti üzenet|orijinal (?:mesaj|ileti)|"
    r"原始邮件|原始郵件|元のメッセージ|원본 메시지",
    re.IGNORECASE,
)

MOBILE: Final = re.compile(
    r"^[\s<(\[*_~-]{0,6}(?:"
    r"sent (?:from|via|with|by|using|on)\b|(?:written|typed|sent) (?:on|from) (?:my|a)\b|get outlook for|get \[outlook|from my i?\w+\b|"
    r".{0,40}\boutlook\s+(?:for|für|pour|para|dla|per|для|til|för)\s+\w+|\w+ from (?:my )?mobile|(?:von|aus) mein\w+ .{1,40}gesendet|gesendet (?:von|mit|über|aus)|diese nachricht wurde von mein|"
    r"envoyé (?:de|depuis|à partir|avec|du)\b|envoye de|enviado (?:desde|de|do|a partir|via|com)\b|inviato (?:da|dal|con|tramite)\b|"
    r"wysłan[eoy] (?:z|ze|za pomocą|przez)\b|wyslane z|отправлено (?:с|со|из|через)\b|послано с|отправил с|"
    r"(?:надіслано|відправлено|отправлено|послано) (?:захищен|за допомогою|с помощью)|"
    r"virus-free\b|virenfrei\b|без (?:вирусов|вірусів)\b|(?:garanti )?sans virus\b|libre de virus\b|privo di virus\b|livre de vírus\b|"
    r"(?:bez wirusów|wolny od wirusów)\b|"
    r"надіслано (?:з|із|зі|через)\b|відправлено (?:з|із|зі|через)\b|відправлена? з|verzonden (?:met|vanaf|via|van)\b|sendt fra|skickat från|"
    r"lähetetty|odesláno z|iphone'umdan gönder|從我的|发自|發自|iphoneから送信|나의 .{1,20}에서 보냄"
    r")",
    re.IGNORECASE,
)
"""Lines that phones and mail programs put below a text."""
DEVICE: Final = re.compile(
    r"\b(?:my|mon|ma|mi|mio|mia|meu|minha|mijn|min|mit|mein\w*|mojego|mój|мо[её]го|моей|мого|моє[їйю])\b|"
    r"phone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|redmi|pixel|htc|nokia|motorola|blackberry|lumia|windows|outlook|"
    r"mail|yahoo|gmail|proton|spark|airmail|mobil|handy|smart|tablet|móvil|telefon|téléphone|celular|cellulare|appli|\bapp\b|"
    r"почт|пошт|телефон|смартфон|планшет|мобильн|мобільн|устройств|пристро|приложени|застосун|device|gerät|wifi|iphone|avast|avg|\bwww\.",
    re.IGNORECASE,
)
"""What such a line names: without it, it may be a sentence."""
REPLY_ABOVE: Final = re.compile(
    r"(?:reply|replies|respond|type|write) (?:\w+ ){0,4}above (?:this|the) line|above this line to reply|"
    r"(?:antwort\w*|schreiben) (?:\w+ ){0,6}(?:über|oberhalb) dieser (?:linie|zeile)|répon\w+ (?:\w+ ){0,4}au-dessus de cette ligne|"
    r"escrib\w+ (?:\w+ ){0,5}encima de esta línea|выше этой (?:строки|линии|черты)|вище (?:цього рядка|цієї лінії)|"
    r"powyżej tej linii|sopra questa (?:linea|riga)|acima desta linha",
    re.IGNORECASE,
)
"""The line that help desks put above the history of a conversation."""
