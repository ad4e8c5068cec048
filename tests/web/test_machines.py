"""Which names of browsers are machines', and which are people's, as they were seen."""

from __future__ import annotations

import pytest

from seqlang.vocabulary.settings import MachineSettings
from seqlang.web.machines import machines_of

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
PHONE = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
PEOPLE = [
    CHROME,
    f"{CHROME} Avast/126.0.0.0",
    f"{CHROME} AVG/126.0.0.0",
    f"{CHROME} Edg/126.0.2592.68",
    f"{CHROME} OPR/111.0.0.0",
    f"{CHROME} Vivaldi/6.8",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.12.2",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    f"Mozilla/5.0 (Linux; Android 9; CUBOT_X19 Build/PPR1.180610.011; wv) {PHONE}",
    f"Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) {PHONE}",
    f"Mozilla/5.0 (Linux; Android 13; CUBOT) {PHONE}",
    f"Mozilla/5.0 (Linux; Android 8.1.0; KINGKONG CUBOT) {PHONE}",
    f"{IPHONE} [LinkedInApp]/9.29.5394",
    f"Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A; wv) {PHONE} [LinkedInApp]",
    f"{IPHONE} [Pinterest/iOS]",
    f"Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) {PHONE} [Pinterest/Android]",
    f"{MAC} Slack/4.39.88 Chrome/126.0.6478.61 Electron/31.0.1 Safari/537.36 Sonic Slack_SSB/4.39.88",
    f"{MAC} discord/0.0.309 Chrome/120.0.6099.291 Electron/28.2.10 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; SM-A546B) {PHONE} Telegram-Android/10.14.5 (Samsung SM-A546B; Android 14; SDK 34; AVERAGE)",
    f"{IPHONE} Flipboard/4.2.131",
    f"{IPHONE} [FBAN/FBIOS;FBAV/470.0.0.33.107;FBDV/iPhone14,5]",
    f"{IPHONE} Instagram 336.0.8.84 (iPhone14,5; iOS 17_5; de_DE)",
    f"{IPHONE} KasperskySafeBrowser/2.0",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17628; Pro)",
    f"Mozilla/5.0 (Linux; Android 13; Nevada Invader) {PHONE}",
]
MACHINES = [
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Googlebot-Image/1.0",
    "AdsBot-Google (+http://www.google.com/adsbot.html)",
    f"{IPHONE} Safari/604.1 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/103.0.5060.134 Safari/537.36 BingPreview/1.0b",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slackbot 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; FlipboardProxy/1.2; +http://flipboard.com/browserproxy)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; MJ12bot/v1.4.8; http://mj12bot.com/)",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Mozilla/5.0 (compatible; BarracudaCentral)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice rmj)",
    "Microsoft Office Existence Discovery",
    "W3C_Validator/1.3 http://validator.w3.org/services",
    "python-requests/2.32.3",
    "Python-urllib/3.11",
    "Go-http-client/1.1",
    "curl/8.8.0",
    "Wget/1.24.5",
    "okhttp/4.12.0",
    "Java/17.0.11",
    "Ruby",
    "GuzzleHttp/7",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.1; Trident/6.0) Proofpoint",
    "Mozilla/5.0 (Linux; Android 9; CUBOT_X19) Googlebot/2.1",
    "Mozilla/5.0",
]


def _machine(name: str, *words: str) -> bool:
    signs = machines_of(MachineSettings(user_agents=words))
    return signs.judge("GET", {"user-agent": name}, None).machine


@pytest.mark.parametrize("name", PEOPLE)
def test_a_name_of_a_persons_browser_is_no_sign_of_a_machine(name: str) -> None:
    assert not _machine(name)


@pytest.mark.parametrize("name", MACHINES)
def test_a_name_of_a_machine_is_a_sign_of_one(name: str) -> None:
    assert _machine(name)


def test_a_projects_own_word_stands_for_itself_and_a_star_for_whatever_goes_on() -> None:
    assert _machine(f"{CHROME} Acme-Scan/1", "acme-scan")
    assert not _machine(f"{CHROME} AcmeLook/1", "acme")
    assert _machine(f"{CHROME} AcmeLook/1", "Acme*")
    assert _machine("Look (acme)", "(acme)")
    assert not _machine(CHROME, "", "*", " ")


def test_a_sign_names_what_was_found_and_a_long_name_is_looked_through_once() -> None:
    signs = machines_of(MachineSettings())
    assert signs.judge("GET", {"user-agent": MACHINES[0]}, None).sign == "the name holds googlebot"
    assert not _machine("a" * 200_000)
    assert not _machine("cubot " * 30_000)
