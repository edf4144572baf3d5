"""Events of our own, one of each kind that the published ones have, and the text that each is hashed as.

`HASHED` is what epcis-event-hash-generator 1.9.3 (PyPI) printed for them. The events hold only what that program and
the standard's table put in the same order.
"""

from __future__ import annotations

import json
from typing import Any

CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"ex": "https://ex.example/"}]


def document(*events: dict[str, Any], context: Any = CONTEXT) -> str:
    """A document of events, as text."""
    return json.dumps(
        {
            "@context": context,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-12-01T00:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    )


EVENTS: dict[str, dict[str, Any]] = {
    "commissioned": {
        "type": "ObjectEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": [
            "https://ID.EXAMPLE.CN/01/06901234567892/22/RED/10/L1/21/0A1B",
            "urn:epc:id:sgtin:6901234.056789.0A1A",
        ],
        "action": "ADD",
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": "urn:epc:id:sgln:6901234.00001.0"},
        "ilmd": {"ex:lot": "L1", "ex:grade": "AAAAA"},
        "recordTime": "2026-11-30T09:00:00Z",
        "eventID": "urn:uuid:00000000-0000-4000-8000-000000000001",
    },
    "packed": {
        "type": "AggregationEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "parentID": "urn:epc:id:sscc:6901234.0000000012",
        "childEPCs": ["https://id.gs1.org/01/06901234567892/21/B", "https://id.gs1.org/01/06901234567892/21/A"],
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "in_progress",
    },
    "shipped": {
        "type": "ObjectEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["https://id.gs1.org/00/069012340000000129"],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "bizTransactionList": [
            {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:6901234000009:SF1"},
            {"type": "bol", "bizTransaction": "https://ex.example/bol/7"},
        ],
        "ex:carrier": "SF",
    },
    "bulk": {
        "type": "ObjectEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "quantityList": [
            {"epcClass": "urn:epc:class:lgtin:6901234.056789.L1", "quantity": 200.5, "uom": "KGM"},
            {"epcClass": "urn:epc:idpat:sgtin:6901234.056789.*", "quantity": 10},
        ],
        "action": "OBSERVE",
        "certificationInfo": ["https://ex.example/b", "https://ex.example/a"],
    },
    "made": {
        "type": "TransformationEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:6901234.056789.L1", "quantity": 3}],
        "outputEPCList": ["urn:epc:id:sgtin:6901234.056789.9"],
        "transformationID": "urn:epc:id:gdti:6901234.00001.5",
        "bizStep": "https://ex.example/sewing",
    },
    "fitted": {
        "type": "AssociationEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "parentID": "urn:epc:id:grai:6901234.00001.7",
        "childEPCs": ["urn:epc:id:giai:6901234.tag1"],
        "action": "ADD",
        "bizStep": "assembling",
    },
    "measured": {
        "type": "ObjectEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sgtin:6901234.056789.9"],
        "action": "OBSERVE",
        "sensorElementList": [
            {
                "sensorMetadata": {"time": "2026-11-30T08:29:59+08:00", "deviceID": "urn:epc:id:giai:6901234.probe"},
                "sensorReport": [
                    {"type": "Temperature", "value": 21.0, "uom": "CEL"},
                    {"type": "RelativeHumidity", "value": 45.5, "uom": "P1"},
                ],
            }
        ],
    },
    "own": {
        "type": "ObjectEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sgtin:6901234.056789.9"],
        "action": "OBSERVE",
        "persistentDisposition": {"set": ["completeness_verified"], "unset": ["completeness_inferred"]},
        "bizLocation": {"id": "https://shop.example/414/6901234000016/254/7", "ex:floor": 2},
        "ex:list": ["b", "a", 1.5],
        "ex:deep": {"ex:z": "1", "ex:a": {"ex:y": "x"}},
        "ex:empty": "",
        "ex:none": [],
    },
    "sold": {
        "type": "TransactionEvent",
        "eventTime": "2026-11-30T08:30:00.25+08:00",
        "eventTimeZoneOffset": "+08:00",
        "bizTransactionList": [{"type": "inv", "bizTransaction": "urn:epcglobal:cbv:bt:6901234000009:1"}],
        "epcList": ["urn:epc:id:sgtin:6901234.056789.9"],
        "action": "ADD",
        "bizStep": "retail_selling",
        "disposition": "retail_sold",
    },
}

HASHED = {
    "commissioned": (
        "eventType=ObjectEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00epcListep"
        "c=https://id.gs1.org/01/06901234567892/21/0A1Aepc=https://id.gs1.org/01/06901234567892/21/"
        "0A1Baction=ADDbizStep=https://ref.gs1.org/cbv/BizStep-commissioningdisposition=https://ref"
        ".gs1.org/cbv/Disp-activereadPointid=https://id.gs1.org/414/6901234000016ilmd{https://ex.ex"
        "ample/}grade=AAAAA{https://ex.example/}lot=L1"
    ),
    "packed": (
        "eventType=AggregationEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00pare"
        "ntID=https://id.gs1.org/00/069012340000000122childEPCsepc=https://id.gs1.org/01/0690123456"
        "7892/21/Aepc=https://id.gs1.org/01/06901234567892/21/Baction=ADDbizStep=https://ref.gs1.or"
        "g/cbv/BizStep-packingdisposition=https://ref.gs1.org/cbv/Disp-in_progress"
    ),
    "shipped": (
        "eventType=ObjectEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00epcListep"
        "c=https://id.gs1.org/00/069012340000000129action=OBSERVEbizStep=https://ref.gs1.org/cbv/Bi"
        "zStep-shippingdisposition=https://ref.gs1.org/cbv/Disp-in_transitbizTransactionListtype=ht"
        "tps://ref.gs1.org/cbv/BTT-bolbizTransaction=https://ex.example/bol/7type=https://ref.gs1.o"
        "rg/cbv/BTT-desadvbizTransaction=urn:epcglobal:cbv:bt:6901234000009:SF1{https://ex.example/"
        "}carrier=SF"
    ),
    "bulk": (
        "eventType=ObjectEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00certifica"
        "tionInfo=https://ex.example/acertificationInfo=https://ex.example/bquantityListquantityEle"
        "mentepcClass=https://id.gs1.org/01/06901234567892/10/L1quantity=200.5uom=KGMquantityElemen"
        "tepcClass=https://id.gs1.org/01/06901234567892quantity=10action=OBSERVE"
    ),
    "made": (
        "eventType=TransformationEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00i"
        "nputQuantityListquantityElementepcClass=https://id.gs1.org/01/06901234567892/10/L1quantity"
        "=3outputEPCListepc=https://id.gs1.org/01/06901234567892/21/9transformationID=https://id.gs"
        "1.org/253/69012340000165bizStep=https://ex.example/sewing"
    ),
    "fitted": (
        "eventType=AssociationEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00pare"
        "ntID=https://id.gs1.org/8003/069012340000167childEPCsepc=https://id.gs1.org/8004/6901234ta"
        "g1action=ADDbizStep=https://ref.gs1.org/cbv/BizStep-assembling"
    ),
    "measured": (
        "eventType=ObjectEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00epcListep"
        "c=https://id.gs1.org/01/06901234567892/21/9action=OBSERVEsensorElementListsensorElementsen"
        "sorMetadatatime=2026-11-30T00:29:59.000ZdeviceID=https://id.gs1.org/8004/6901234probesenso"
        "rReporttype=https://gs1.org/voc/RelativeHumidityvalue=45.5uom=P1sensorReporttype=https://g"
        "s1.org/voc/Temperaturevalue=21uom=CEL"
    ),
    "own": (
        "eventType=ObjectEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00epcListep"
        "c=https://id.gs1.org/01/06901234567892/21/9action=OBSERVEpersistentDispositionset=https://"
        "ref.gs1.org/cbv/Disp-completeness_verifiedunset=https://ref.gs1.org/cbv/Disp-completeness_"
        "inferredbizLocationid=https://id.gs1.org/414/6901234000016/254/7{https://ex.example/}floor"
        "=2{https://ex.example/}deep{https://ex.example/}a{https://ex.example/}y=x{https://ex.examp"
        "le/}z=1{https://ex.example/}empty{https://ex.example/}list=1.5{https://ex.example/}list=a{"
        "https://ex.example/}list=b"
    ),
    "sold": (
        "eventType=TransactionEventeventTime=2026-11-30T00:30:00.250ZeventTimeZoneOffset=+08:00epcL"
        "istepc=https://id.gs1.org/01/06901234567892/21/9action=ADDbizStep=https://ref.gs1.org/cbv/"
        "BizStep-retail_sellingdisposition=https://ref.gs1.org/cbv/Disp-retail_soldbizTransactionLi"
        "sttype=https://ref.gs1.org/cbv/BTT-invbizTransaction=urn:epcglobal:cbv:bt:6901234000009:1"
    ),
}
