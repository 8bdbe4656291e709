"""The pages in the place of another: not found, bot check, login, errors of the server."""

from __future__ import annotations

from urllib.parse import quote

from novel_royalroad_lookalike import frame


def not_found(what: str = "fiction") -> str:
    """`Page Not Found`, for a fiction or a chapter."""
    return frame.page(
        head="    <title>Not Found | Royal Road</title>",
        route="Fictions.Index",
        body=f"""<div class="container">
<style>
    .number {{
        letter-spacing: initial !important;
    }}
</style>
<div>
    &nbsp;
</div>
<div class="portlet light">
    <div class="row">
        <div class="col-md-12 page-404" style="margin-bottom: 100px">
            <div class="number font-red-sunglo"> 404 </div>
            <div>
                <h3>Page Not Found</h3>
                <p>
                        <span>The server has returned the following error:</span>
                        <br/><strong>We can not find the {what} you&#x27;re looking for.</strong>
                </p>
                <p>
                    <a href="/"> Return home </a> or try the search bar below.
                </p>
                <form action="/fictions/search">
                    <div class="input-group input-medium" style="margin: auto">
                        <input type="text" class="form-control" placeholder="keyword..." name="keyword">
                    </div>
                </form>
            </div>
        </div>
    </div>
</div>
</div>""",
    )


def challenge(path: str = "/") -> str:
    """The proxy's bot check."""
    return (
        '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title>'
        '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'
        '<meta name="robots" content="noindex,nofollow"><meta name="viewport" content="width=device-width,initial-scale=1">'
        "<style>*{box-sizing:border-box;margin:0;padding:0}</style>"
        '<meta http-equiv="refresh" content="360"></head><body><div class="main-wrapper" role="main">'
        '<div class="main-content"><noscript><div class="h2"><span id="challenge-error-text">'
        "Enable JavaScript and cookies to continue</span></div></noscript></div></div>"
        "<script nonce=\"lookalike\">(function(){window._cf_chl_opt = {cFPWv: 'g',cITimeS: '1791480333',"
        f"cRay: 'a476d872cbd02507',cType: 'managed',cUPMDTk:\"{path}?__cf_chl_tk=none\",cZone: 'www.royalroad.com'}};"
        "var a = document.createElement('script');"
        "a.src = '/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=a476d872cbd02507';"
        "document.getElementsByTagName('head')[0].appendChild(a);}());</script></body></html>"
    )


def login(return_url: str = "/") -> str:
    return frame.page(
        head="    <title>Log In | Royal Road</title>",
        route="Account.Login",
        body=f"""<div class="container"><div class="portlet light"><form class="form-login-details" action="/account/login?returnurl={quote(return_url, safe="")}" method="post">
<input type="email" name="email" placeholder="Email"/><input type="password" name="password" placeholder="Password"/>
<button type="submit" class="btn btn-primary">Log In</button></form></div></div>""",
    )
