"""The words of CBV 2.0 that stand bare in JSON, and what each list of them expands to. Pure rows.

Source: the lists of CBV 2.0, chapter 7, as the JSON schema of EPCIS 2.0 has them (GS1 EPCIS repository, 2b888be);
measurements and alerts are words of the GS1 Web Vocabulary there.
"""

from __future__ import annotations

from dataclasses import dataclass

CBV = "https://ref.gs1.org/cbv/"
WEB_VOCABULARY = "https://gs1.org/voc/"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One list: its words, what stands before a word in its full form, and in the URN that CBV 1 had for it."""

    title: str
    words: frozenset[str]
    iri: str
    urn: str = ""

    def expanded(self, text: str) -> str:
        """The full form of a bare word; any other text as it is.

        >>> BIZ_STEP.expanded("packing")
        'https://ref.gs1.org/cbv/BizStep-packing'
        """
        return self.iri + text if text in self.words else text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BIZ_STEPS = _words(
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding
    inspecting installing killing loading other packing picking receiving removing repackaging repairing
    replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking
    stocking storing transporting unloading unpacking void_shipping
    """
)

_DISPOSITIONS = _words(
    """
    active available completeness_inferred completeness_verified conformant container_closed container_open
    damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class
    mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant
    non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible
    sellable_not_accessible stolen unavailable unknown
    """
)

_MEASUREMENTS = _words(
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area
    Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate
    DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy
    Exposure Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum
    Luminance LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass
    MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass
    MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity RelativeHumidity Resistance
    Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque
    Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber
    """
)

BIZ_STEP = Vocabulary("business step", _BIZ_STEPS, CBV + "BizStep-", "urn:epcglobal:cbv:bizstep:")
DISPOSITION = Vocabulary("disposition", _DISPOSITIONS, CBV + "Disp-", "urn:epcglobal:cbv:disp:")
TRANSACTION = Vocabulary(
    "kind of business transaction",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
    CBV + "BTT-",
    "urn:epcglobal:cbv:btt:",
)
SOURCE_DESTINATION = Vocabulary(
    "kind of source or destination",
    _words("location owning_party possessing_party"),
    CBV + "SDT-",
    "urn:epcglobal:cbv:sdt:",
)
ERROR_REASON = Vocabulary(
    "reason of an error declaration", _words("did_not_occur incorrect_data"), CBV + "ER-", "urn:epcglobal:cbv:er:"
)
COMPONENT = Vocabulary(
    "component of a measurement",
    _words(
        """
        altitude axial_distance azimuth easting elevation_angle height latitude longitude northing polar_angle
        spherical_radius x y z
        """
    ),
    CBV + "Comp-",
)
MEASUREMENT = Vocabulary("kind of measurement", _MEASUREMENTS, WEB_VOCABULARY)
ALERT = Vocabulary("alert of a sensor", _words("ALARM_CONDITION ERROR_CONDITION"), WEB_VOCABULARY)

ALL = (BIZ_STEP, DISPOSITION, TRANSACTION, SOURCE_DESTINATION, ERROR_REASON, COMPONENT, MEASUREMENT, ALERT)
