"""Every table, imported here so that the metadata is complete."""

from contact.models.administration import (
    Administration,
    Administrator,
    Campaign,
    Endpoint,
    PhoneMenu,
    Queue,
    RoutingPlan,
    Skill,
    Topic,
    Visitor,
    WrapUpCode,
)
from contact.models.admission import Admission
from contact.models.audit import Audit
from contact.models.base import Base, new_id
from contact.models.call import Call, Recording, SoftphoneLease
from contact.models.carrier import CarrierAccount, CarrierEvent
from contact.models.citizen import Citizen, CitizenContactPoint, ContactPoint
from contact.models.people import Agent, AgentGrant, AgentSkill, Outsourcer, Presence
from contact.models.platform import Account, Lease, Outbox, Pool, Probe, Process, RoutingDirty, SignInSession
from contact.models.policy import PolicySimulation, PolicyVersion
from contact.models.routing import Assignment, Contact, Need, Offer, Place, WaitForecast
from contact.models.text import MediaToFetch, TextChoice, TextRefusal, TextSpending
from contact.models.ticket import Attachment, Draft, Interaction, Message, Ticket
from contact.models.valve import ValveOverride

__all__ = [
    "Account",
    "Administration",
    "Administrator",
    "Admission",
    "Agent",
    "AgentGrant",
    "AgentSkill",
    "Assignment",
    "Attachment",
    "Audit",
    "Base",
    "Call",
    "Campaign",
    "CarrierAccount",
    "CarrierEvent",
    "Citizen",
    "CitizenContactPoint",
    "Contact",
    "ContactPoint",
    "Draft",
    "Endpoint",
    "Interaction",
    "Lease",
    "MediaToFetch",
    "Message",
    "Need",
    "Offer",
    "Outbox",
    "Outsourcer",
    "PhoneMenu",
    "Place",
    "PolicySimulation",
    "PolicyVersion",
    "Pool",
    "Presence",
    "Probe",
    "Process",
    "Queue",
    "Recording",
    "RoutingDirty",
    "RoutingPlan",
    "SignInSession",
    "Skill",
    "SoftphoneLease",
    "TextChoice",
    "TextRefusal",
    "TextSpending",
    "Ticket",
    "Topic",
    "ValveOverride",
    "Visitor",
    "WaitForecast",
    "WrapUpCode",
    "new_id",
]
