"""The certificates that come with the code certify RDS instances and RDS Proxy."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from cryptography import x509

from tests.support.builds import HOST, built


@pytest.fixture(scope="module")
def names() -> set[str]:
    text = (files("taskchat.database") / "certificates.pem").read_bytes()
    certificates = x509.load_pem_x509_certificates(text)
    soon = datetime.now(UTC) + timedelta(days=365)
    assert all(certificate.not_valid_after_utc > soon for certificate in certificates)
    attributes = [c.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME) for c in certificates]
    return {str(attribute[0].value) for attribute in attributes if attribute}


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"])
def test_they_certify_instances_in_every_region(region: str, names: set[str]) -> None:
    assert f"Amazon RDS {region} Root CA RSA2048 G1" in names


def test_they_certify_the_proxy(names: set[str]) -> None:
    assert "Amazon Root CA 1" in names


def test_they_lie_in_the_layer_where_the_template_looks() -> None:
    assert (built(HOST) / "SharedLayer/python/taskchat/database/certificates.pem").is_file()
