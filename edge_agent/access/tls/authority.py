"""A site's own certificate authority, and the certificate of the page that it signs. Pure but for new keys.

The authority is good for the names and addresses of one agent and for nothing else: its certificate says so itself
(name constraints, critical; path length 0; for servers only), and whoever trusts it trusts it for these alone. So its
key is kept, and renews the page's certificate for ten years without a hand at any tablet: stolen, it is worth no more
than the page's own key, which lies beside it. A key that is thrown away was rejected: no browser of Apple takes a
certificate of more than 825 days (support.apple.com/103769), and every device would be visited each second year.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_agent.access.tls.terms import Names

AUTHORITY_DAYS = 3650
PAGE_DAYS = 180
RENEW_DAYS = 60
"""So long before its end the page's certificate is renewed: a PC that is off for weeks still starts with a good one."""
BACKDATED = timedelta(days=1)
"""A tablet whose clock is behind by hours still takes a new certificate."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and the key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """Both as one file, the key first."""
        key = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return key + self.certificate.public_bytes(Encoding.PEM)

    @classmethod
    def read(cls, pem: bytes) -> Pair:
        """Raises ValueError: there are not both in it, or they do not belong together."""
        certificate, key = x509.load_pem_x509_certificate(pem), load_pem_private_key(pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise ValueError("a key that is not the certificate's")
        return cls(certificate, key)


def make_authority(names: Names, site: str, now: datetime) -> Pair:
    """A new authority for `names` alone; devices show it by the first of them and by the name of the `site`."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _named(f"{names.first} label agent CA", site)
    builder = _begun(name, name, key, now, now + timedelta(days=AUTHORITY_DAYS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    builder = builder.add_extension(x509.NameConstraints(_subtrees(names), None), critical=True)
    return Pair(builder.sign(key, hashes.SHA256()), key)


def make_page(authority: Pair, now: datetime, names: Names | None = None) -> Pair:
    """A new certificate of the page, with a key of its own; it ends with the authority at the latest. Without `names`
    for all that devices take from this authority: what is beyond that they refuse."""
    names = names or names_of(authority.certificate)
    key, issuer = ec.generate_private_key(ec.SECP256R1()), authority.certificate
    end = min(now + timedelta(days=PAGE_DAYS), issuer.not_valid_after_utc)
    builder = _begun(_named(names.first), issuer.subject, key, now, end)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName(_general(names)), critical=False)
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    return Pair(builder.add_extension(signer, critical=False).sign(authority.key, hashes.SHA256()), key)


def is_due(page: x509.Certificate, authority: x509.Certificate, now: datetime) -> bool:
    """Whether the page's certificate has to be made anew: it ends soon, another authority signed it, or a clock that
    was ahead made it for later. Not if a new one would end no later, or the authority itself has ended."""
    last = authority.not_valid_after_utc
    if now >= last:
        return False
    try:
        page.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return True
    ends = page.not_valid_after_utc
    return page.not_valid_before_utc > now or (ends - now < timedelta(days=RENEW_DAYS) and ends < last)


def names_of(certificate: x509.Certificate) -> Names:
    """What a certificate of this module is good for, an authority's or a page's."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    except x509.ExtensionNotFound:
        found = list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    places = [one.value for one in found if isinstance(one, x509.IPAddress)]
    dns = tuple(one.value for one in found if isinstance(one, x509.DNSName))
    return Names(dns, tuple(ipaddress.ip_address(str(one).partition("/")[0]) for one in places))


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate as devices show it: pairs of capitals with colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, end: datetime
) -> x509.CertificateBuilder:
    """What both kinds have: whose it is, until when, and that servers alone show it."""
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - BACKDATED).not_valid_after(end)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _named(common: str, site: str = "") -> x509.Name:
    """At most 64 characters each: RFC 5280, appendix A.1."""
    firm = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, site[:64])] if site else []
    return x509.Name([*firm, x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general(names: Names) -> list[x509.GeneralName]:
    return [*map(x509.DNSName, names.dns), *map(x509.IPAddress, names.addresses)]


def _subtrees(names: Names) -> list[x509.GeneralName]:
    """Each address as a network of one: RFC 5280, section 4.2.1.10."""
    networks = [x509.IPAddress(ipaddress.ip_network(one)) for one in names.addresses]
    return [*map(x509.DNSName, names.dns), *networks]
