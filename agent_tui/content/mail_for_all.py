"""Domains where everybody may have an address, so that it says nothing of who has one.

Two addresses of such a domain are no house: neither vouches for the other one, nor belongs to his conversation.
No list of them is whole; a domain that is missing here counts as its owner's own.
"""

from __future__ import annotations

import re
from typing import Final

from agent_tui.content.domains import ascii_domain

_FAMILIES: Final = """
    aol bigpond fastmail gmx hotmail hushmail icloud inbox laposte live lycos mail msn outlook protonmail
    rambler rediff
    rediffmail rocketmail runbox sapo terra tiscali tutamail tutanota uol virgilio wanadoo windowslive yahoo yandex
    ymail zoho zohomail
"""
"""First labels that one provider has in many countries, or several have here and there: under all of them, for whoever
has the one that is still free wants to be taken for them."""
_ENDING = re.compile(r"(?:com?\.)?[a-z]{2}|com|net|eu")

_NAMES: Final = """
    gmail.com googlemail.com
    icloud.com me.com mac.com
    hotmail.com outlook.com live.com msn.com windowslive.com
    hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.be hotmail.nl hotmail.se hotmail.dk hotmail.no
    hotmail.fi hotmail.ca
    hotmail.gr hotmail.ch hotmail.co.uk hotmail.co.jp hotmail.co.nz hotmail.co.th hotmail.com.ar hotmail.com.au
    hotmail.com.br hotmail.com.mx hotmail.com.tr
    outlook.de outlook.fr outlook.it outlook.es outlook.be outlook.at outlook.cz outlook.dk outlook.hu outlook.ie
    outlook.pt outlook.sk outlook.cl outlook.in outlook.jp outlook.kr outlook.ph outlook.sa outlook.sg outlook.co.id
    outlook.co.nz outlook.co.th outlook.com.ar outlook.com.au outlook.com.br outlook.com.gr outlook.com.tr
    outlook.com.vn
    live.de live.fr live.it live.nl live.be live.se live.dk live.no live.fi live.at live.ie live.ca live.cn
    live.jp live.in
    live.ru live.cl live.co.uk live.co.za live.com.ar live.com.au live.com.mx live.com.pt live.com.sg
    yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ie yahoo.ca yahoo.ro yahoo.gr yahoo.pl yahoo.se yahoo.no yahoo.dk
    yahoo.at
    yahoo.be yahoo.nl yahoo.in yahoo.cn yahoo.co.uk yahoo.co.in yahoo.co.jp yahoo.co.id yahoo.co.th yahoo.co.kr
    yahoo.co.nz
    yahoo.co.za yahoo.com.br yahoo.com.ar yahoo.com.mx yahoo.com.au yahoo.com.sg yahoo.com.hk yahoo.com.tw
    yahoo.com.ph
    yahoo.com.vn yahoo.com.my yahoo.com.tr yahoo.com.co yahoo.com.pe yahoo.com.cn
    yahoo.com ymail.com rocketmail.com myyahoo.com
    aol.com aim.com netscape.net love.com games.com wow.com verizon.net compuserve.com cs.com
    proton.me pm.me protonmail.com protonmail.ch tuta.com tuta.io tutanota.com tutanota.de tutamail.com keemail.me
    fastmail.com fastmail.fm fastmail.net fastmail.org sent.com 123mail.org eml.cc fmail.co.uk
    hey.com duck.com mozmail.com relay.firefox.com privaterelay.appleid.com simplelogin.com simplelogin.co slmail.me
    aleeas.com anonaddy.com anonaddy.me addy.io 8alias.com passmail.net passinbox.com passfwd.com dralias.com
    hushmail.com hush.com hushmail.me lavabit.com riseup.net disroot.org autistici.org inventati.org cock.li
    airmail.cc
    startmail.com mailfence.com posteo.de posteo.net posteo.eu mailbox.org runbox.com countermail.com kolabnow.com
    ctemplar.com skiff.com onmail.com zoho.com zohomail.com zohomail.eu zoho.eu zoho.in
    mail.com email.com usa.com post.com europe.com asia.com iname.com writeme.com dr.com engineer.com consultant.com
    myself.com accountant.com techie.com london.com cheerful.com contractor.net execs.com mail-me.com workmail.com
    inbox.com lycos.com excite.com mailcity.com juno.com netzero.net netzero.com bigfoot.com usa.net
    mailinator.com guerrillamail.com sharklasers.com 10minutemail.com temp-mail.org yopmail.com yopmail.fr
    yopmail.net
    trashmail.com trashmail.de getnada.com maildrop.cc dispostable.com mintemail.com mohmal.com tempmail.com
    byom.de spambog.com wegwerfmail.de discard.email emailondeck.com moakt.com fakeinbox.com throwawaymail.com

    mail.ru bk.ru list.ru inbox.ru internet.ru xmail.ru mail.ua
    yandex.ru yandex.com yandex.ua yandex.by yandex.kz ya.ru narod.ru rambler.ru lenta.ru myrambler.ru
    autorambler.ru ro.ru r0.ru pochta.ru
    qip.ru nm.ru hotbox.ru km.ru e1.ru ngs.ru sibmail.com tut.by mail.by inbox.lv mail.ee online.ee hot.ee
    inbox.lt one.lt delfi.lt delfi.lv apollo.lv mail.kz
    ukr.net i.ua meta.ua ua.fm email.ua online.ua bigmir.net freemail.ukr.net 3g.ua voliacable.com
    mail.lviv.ua uaport.net e-mail.ua gala.net

    gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.info web.de email.de freenet.de t-online.de magenta.de arcor.de
    online.de kabelmail.de unitybox.de vodafonemail.de netcologne.de ewe.net ewetel.net nexgo.de
    1und1.de alice-dsl.net alice.de o2mail.de o2online.de genion.de versanet.de osnanet.de mnet-online.de
    mnet-mail.de lycos.de mail.de emailn.de firemail.de directbox.com vollbio.de t-mobile.de smart-mail.de
    htp-tel.de
    aon.at a1.net chello.at inode.at utanet.at kabsi.at liwest.at drei.at tele2.at
    bluewin.ch hispeed.ch sunrise.ch swissonline.ch freesurf.ch quickline.ch

    free.fr sfr.fr neuf.fr cegetel.net club-internet.fr orange.fr wanadoo.fr laposte.net bbox.fr aliceadsl.fr
    numericable.fr noos.fr voila.fr caramail.com dbmail.com tele2.fr netcourrier.com mailo.com
    skynet.be telenet.be proximus.be belgacom.net scarlet.be voo.be pandora.be
    pt.lu internet.lu
    ziggo.nl kpnmail.nl kpnplanet.nl planet.nl home.nl xs4all.nl hetnet.nl zonnet.nl casema.nl chello.nl upcmail.nl
    telfort.nl tele2.nl quicknet.nl versatel.nl solcon.nl

    libero.it virgilio.it alice.it tin.it tim.it tiscali.it inwind.it iol.it blu.it email.it fastwebnet.it
    poste.it teletu.it tele2.it vodafone.it pec.it legalmail.it katamail.com supereva.it
    terra.es telefonica.net ono.com wanadoo.es orange.es movistar.es ya.com euskaltel.net jazzfree.com
    sapo.pt clix.pt netcabo.pt iol.pt mail.telepac.pt telepac.pt portugalmail.pt meo.pt nos.pt

    wp.pl o2.pl op.pl onet.pl onet.eu onet.com.pl poczta.onet.pl vp.pl autograf.pl buziaczek.pl amorki.pl opoczta.pl
    poczta.onet.eu spoko.pl vip.onet.pl interia.pl interia.eu interia.com poczta.fm intmail.pl pisz.to
    pacz.to ogarnij.se gazeta.pl tlen.pl go2.pl prokonto.pl tenbit.pl poczta.pl gery.pl
    seznam.cz email.cz post.cz spoluzaci.cz centrum.cz atlas.cz volny.cz tiscali.cz quick.cz
    azet.sk centrum.sk zoznam.sk post.sk pobox.sk atlas.sk
    freemail.hu citromail.hu indamail.hu t-online.hu upcmail.hu vipmail.hu chello.hu mailbox.hu
    abv.bg mail.bg dir.bg gbg.bg yahoo.ro home.ro email.ro rdslink.ro
    siol.net t-2.net net.hr inet.hr t-com.hr t.ht.hr eunet.rs sbb.rs ptt.rs mts.rs verat.net
    otenet.gr forthnet.gr hol.gr in.gr mail.gr mynet.com turk.net ttmail.com superonline.com

    btinternet.com btopenworld.com talk21.com virginmedia.com virgin.net ntlworld.com blueyonder.co.uk sky.com
    talktalk.net tiscali.co.uk lineone.net plus.net plusnet.com o2.co.uk ee.co.uk orange.net freeserve.co.uk
    fsnet.co.uk madasafish.com supanet.com zen.co.uk mail.co.uk
    eircom.net indigo.ie iol.ie
    telia.com comhem.se bredband.net spray.se passagen.se swipnet.se home.se tele2.se
    online.no broadpark.no getmail.no lyse.net start.no
    mail.dk jubii.dk ofir.dk stofanet.dk tdcadsl.dk post.tele.dk youmail.dk
    elisanet.fi kolumbus.fi luukku.com saunalahti.fi suomi24.fi pp.inet.fi welho.com dnainternet.net netti.fi
    simnet.is internet.is

    comcast.net xfinity.com att.net sbcglobal.net bellsouth.net ameritech.net pacbell.net swbell.net snet.net
    flash.net
    prodigy.net nvbell.net worldnet.att.net currently.com cox.net charter.net spectrum.net rr.com twc.com
    roadrunner.com earthlink.net mindspring.com optonline.net optimum.net cablevision.com frontier.com
    frontiernet.net
    centurylink.net centurytel.net q.com embarqmail.com windstream.net suddenlink.net mchsi.com peoplepc.com
    cableone.net rcn.com wowway.com tds.net hughes.net wildblue.net
    shaw.ca rogers.com telus.net bell.net sympatico.ca videotron.ca cogeco.ca eastlink.ca sasktel.net mts.net
    mymts.net
    nb.sympatico.ca

    uol.com.br bol.com.br terra.com.br ig.com.br globo.com globomail.com r7.com oi.com.br zipmail.com.br
    superig.com.br
    fibertel.com.ar arnet.com.ar speedy.com.ar ciudad.com.ar prodigy.net.mx infinitum.com.mx telmexmail.com
    vtr.net adinet.com.uy cantv.net une.net.co

    qq.com foxmail.com vip.qq.com 163.com 126.com yeah.net vip.163.com vip.126.com 188.com netease.com sina.com
    sina.cn
    vip.sina.com sohu.com tom.com 21cn.com 139.com 189.cn wo.cn aliyun.com 263.net eyou.com
    naver.com hanmail.net daum.net kakao.com nate.com lycos.co.kr
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp au.com nifty.com biglobe.ne.jp ocn.ne.jp so-net.ne.jp
    infoseek.jp excite.co.jp goo.jp plala.or.jp dion.ne.jp
    hinet.net pchome.com.tw seed.net.tw netvigator.com singnet.com.sg starhub.net.sg
    rediffmail.com rediff.com sify.com indiatimes.com in.com vsnl.net bsnl.in
    walla.co.il walla.com netvision.net.il 012.net.il bezeqint.net zahav.net.il nana.co.il
    emirates.net.ae eim.ae maktoob.com

    bigpond.com bigpond.net.au telstra.com optusnet.com.au iinet.net.au tpg.com.au internode.on.net dodo.com.au
    westnet.com.au adam.com.au ozemail.com.au aapt.net.au
    xtra.co.nz slingshot.co.nz orcon.net.nz vodafone.co.nz clear.net.nz paradise.net.nz ihug.co.nz actrix.co.nz
    mweb.co.za webmail.co.za vodamail.co.za telkomsa.net iafrica.com absamail.co.za
"""
_IN_MANY_COUNTRIES: Final = frozenset(_FAMILIES.split())
_DOMAINS: Final = frozenset(_NAMES.split())


def is_mail_for_all(domain: str) -> bool:
    """Everybody may have an address of this domain."""
    name = (ascii_domain(domain) or domain).lower().removesuffix(".")
    first, _, ending = name.partition(".")
    return name in _DOMAINS or (first in _IN_MANY_COUNTRIES and _ENDING.fullmatch(ending) is not None)


def is_a_provider(domain: str) -> bool:
    """One that is known by its whole name, however much it resembles another one."""
    return (ascii_domain(domain) or domain) in _DOMAINS
