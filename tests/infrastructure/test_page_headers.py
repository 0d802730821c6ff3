"""The headers of the page at the edge, and on a developer's machine: one definition for both."""

import json

from tests.infrastructure.templates import read_template
from tests.support.builds import ROOT

ONE_YEAR = 31_536_000


def test_the_edge_sends_the_headers_of_the_local_server_and_insists_on_https() -> None:
    local = json.loads((ROOT / "frontend/security-headers.json").read_text())
    edge = read_template("edge.yaml")["Resources"]
    policy = edge["PageHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    headers = policy["SecurityHeadersConfig"]
    distribution = edge["Distribution"]["Properties"]["DistributionConfig"]
    page = distribution["DefaultCacheBehavior"]

    assert page["ResponseHeadersPolicyId"] == {"Ref": "PageHeaders"}
    assert local == {
        "Content-Security-Policy": headers["ContentSecurityPolicy"]["ContentSecurityPolicy"],
        "Referrer-Policy": headers["ReferrerPolicy"]["ReferrerPolicy"],
        "X-Content-Type-Options": "nosniff",
    }
    assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= ONE_YEAR
    assert headers["StrictTransportSecurity"]["IncludeSubdomains"] is True
    assert headers["FrameOptions"]["FrameOption"] == "DENY"
    assert all(header["Override"] is True for header in headers.values())
    behaviors = [page, *distribution["CacheBehaviors"]]
    assert {one["ViewerProtocolPolicy"] for one in behaviors} <= {"redirect-to-https", "https-only"}
