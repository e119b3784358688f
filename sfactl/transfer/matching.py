"""Which noun an unknown file is about, and which field each of its columns may be."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from sfactl.core.text import match_key
from sfactl.transfer.guessing import Guess
from sfactl.transfer.nouns import NOUNS, Field, Kind, Noun

_NOUN_WORDS: Final[Mapping[str, str]] = {
    "territory": "territory,region,zone,sales territory,territorio,zona",
    "user": "user,employee,sales person,salesperson,seller,rep,sales rep,sales agent,agent,business entity,vendedor,"
    "empleado,comercial",
    "team": "team,equipo",
    "team-member": "team member",
    "member": "territory member,territory history,coverage",
    "skill": "skill,competence,competencia,habilidad",
    "user-skill": "user skill,employee skill",
    "account": "account,customer,client,company,store,organization,cuenta,cliente,empresa",
    "account-need": "account need,customer need,need,necesidad",
    "contact": "contact,person,contacto",
    "product": "product,item,article,part,producto,articulo",
    "price": "price,price list,list price,precio,tarifa",
    "feature": "feature,option group,caracteristica",
    "feature-option": "feature option,bundle option,opcion",
    "product-attribute": "product attribute,attribute,atributo",
    "configuration-rule": "configuration rule,product rule,constraint,regla",
    "rule-product": "rule product",
    "stock": "stock,inventory,existencias,inventario",
    "quota": "quota,target,goal,sales quota,cuota,objetivo",
    "opportunity": "opportunity,deal,pipeline,opp,oportunidad",
    "activity": "activity,task,event,call,actividad",
    "order": "order,sales order,invoice,booking,sale,pedido,venta,factura",
    "order-line": "order line,order detail,line item,invoice line,linea",
}
_FIELD_WORDS: Final[Mapping[str, str]] = {
    "code": "code,number,no,nr,codigo,sku,numero",
    "external_id": "id,external id,key,crm id",
    "name": "name,nombre,full name,description,descripcion,razon social",
    "login": "login,user name,username,login id,usuario",
    "email": "email,e mail,email address,mail,correo",
    "title": "title,job title,position,cargo,puesto",
    "manager": "manager,reports to,supervisor,jefe,responsable",
    "lead": "lead,team lead",
    "parent": "parent,group,parent account,subsidiary of,padre",
    "hired_on": "hired on,hire date,start date,fecha alta",
    "owner": "owner,account owner,account manager,sales rep,responsable,assigned to",
    "segment": "segment,customer segment,type,segmento,tier",
    "industry": "industry,sector,specialty,vertical,industria",
    "city": "city,town,ciudad,poblacion,office location",
    "region": "region,state,province,provincia,estado",
    "country": "country,country region,pais",
    "postal_code": "postal code,zip,zip code,codigo postal",
    "phone": "phone,phone number,telephone,telefono",
    "website": "website,web,url",
    "employees": "employees,number employees,number of employees,headcount,empleados",
    "annual_revenue": "annual revenue,revenue,annual sales,turnover,ingresos,facturacion",
    "currency": "currency,currency code,moneda,divisa",
    "owned_since": "owned since,assigned on",
    "family": "family,category,series,product line,familia,categoria",
    "subfamily": "subfamily,subcategory,subcategoria",
    "unit": "unit,unit of measure,uom,unidad",
    "active": "active,enabled,current flag,activo",
    "cost": "cost,standard cost,unit cost,coste,costo",
    "price_book": "price book,price list,tarifa",
    "unit_price": "unit price,list price,price,sales price,precio,precio unitario",
    "valid_from": "valid from,start date,from,effective date,desde,fecha inicio,start",
    "valid_to": "valid to,end date,to,until,hasta,fecha fin,end",
    "starts_on": "starts on,start date,quota date,period start,month,from,desde,start",
    "ends_on": "ends on,end date,period end,to,hasta,end",
    "warehouse": "warehouse,location,location id,location code,warehouse id,warehouse code,store,depot,almacen",
    "quantity": "quantity,qty,order qty,units,on hand,cantidad,unidades",
    "reorder_point": "reorder point,minimum",
    "bin": "bin,shelf,ubicacion",
    "counted_on": "counted on,count date",
    "measure": "measure,metric",
    "product_family": "product family,product,family,product line",
    "stage": "stage,deal stage,sales stage,status,etapa,fase",
    "close_on": "close on,close date,expected close,engage close,fecha cierre,closing date",
    "closed_on": "closed on,closed date,won date",
    "created_on": "created on,created,create date,engage date,fecha creacion",
    "probability": "probability,win probability,probabilidad",
    "next_step": "next step,siguiente paso",
    "kind": "kind,type,tipo",
    "subject": "subject,asunto,title",
    "planned_on": "planned on,due date,date,fecha",
    "done_on": "done on,completed on",
    "note": "note,notes,comments,description,notas",
    "seller": "seller,sales person,salesperson,sales rep,sales agent,rep,agent,owner,vendedor,comercial",
    "booked_on": "booked on,order date,invoice date,date,sale date,fecha,fecha pedido",
    "completed_on": "completed on,ship date,shipped on,delivery date,delivered on,fecha entrega,fecha envio",
    "channel": "channel,sales channel,canal",
    "status": "status,order status,estado",
    "amount": "amount,total amount,sub total,subtotal,net amount,value,close value,sales,line total,importe,quota,"
    "sales quota,target,cuota,objetivo,revenue,extended price",
    "tax": "tax,tax amt,vat,iva,impuesto",
    "freight": "freight,shipping,portes",
    "total": "total,total due,grand total",
    "purchase_order": "purchase order,purchase order number,po number,po",
    "line": "line,line number,line no,order line number,linea",
    "discount": "discount,unit price discount,descuento",
    "role": "role,rol",
    "level": "level,rating,nivel",
    "priority": "priority,prioridad",
}
_NAMING: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("", " code", " number", " no", " nr", " id", " codigo"),
    "external_id": (" id", " key", " external id"),
    "name": (" name", "", " nombre"),
    "login": ("", " login", " id"),
}
_REFERENCE_ENDS: Final = (" id", "", " code", " number", " name", " key", " login")
_NEAR: Final = 0.86
_MOST_COMPARED: Final = 100


@dataclass(frozen=True)
class Match:
    """A noun, and for its fields the columns that seem to be them."""

    noun: Noun
    columns: dict[str, str]
    score: float


def words_of(header: str) -> str:
    """A header as words: “SalesPersonID” and “sales_person_id” alike."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    return match_key(re.sub(r"[^\w]|_", " ", parted))


def best_noun(file_name: str, columns: Mapping[str, Guess]) -> Match:
    """The noun whose fields the columns match best; the file's name counts, too."""
    words = {column: words_of(column) for column in columns}
    return max((_match(noun, file_name, columns, words) for noun in NOUNS.values()), key=lambda match: match.score)


def _match(noun: Noun, file_name: str, columns: Mapping[str, Guess], words: Mapping[str, str]) -> Match:
    found: dict[str, str] = {}
    taken: set[str] = set()
    total = 0.0
    with_near = len(columns) <= _MOST_COMPARED
    pairs = [
        (score, -order, field, column)
        for order, field in enumerate(noun.fields)
        for column, guess in columns.items()
        if (score := _likeness(noun, field, words[column], guess, with_near=with_near)) > 0
    ]
    for score, _order, field, column in sorted(pairs, key=lambda pair: pair[:2], reverse=True):
        if field.key not in found and column not in taken:
            found[field.key] = column
            taken.add(column)
            total += score * (2 if field.required else 1)
    lacking = sum(1 for field in noun.fields if field.required and field.key not in found)
    return Match(noun, found, total - 1.2 * lacking + _name_score(noun, file_name))


def _name_score(noun: Noun, file_name: str) -> float:
    """How much of the noun the file's name says; a longer word says more."""
    name = f" {words_of(file_name.split('.')[0])} "
    hits = [len(word.split()) for word in _words(_NOUN_WORDS, noun.name) if _has_word(name, word)]
    return 2.5 * max(hits, default=0)


def _has_word(name: str, word: str) -> bool:
    return any(f" {form} " in name for form in (word, word + "s", re.sub("y$", "ies", word)))


def _words(table: Mapping[str, str], key: str) -> Sequence[str]:
    return table.get(key, "").split(",") if key in table else ()


def _likeness(noun: Noun, field: Field, words: str, guess: Guess, *, with_near: bool) -> float:
    phrases = _phrases(noun.name, field.key)
    if words in phrases:
        return 1.0 - 0.02 * phrases[words] / len(phrases) if _may_hold(field.kind, guess) else 0.0
    if not with_near or len(words) < 5 or not _may_hold(field.kind, guess):
        return 0.0
    return 0.6 if difflib.get_close_matches(words, phrases, n=1, cutoff=_NEAR) else 0.0


@cache
def _phrases(noun: str, key: str) -> dict[str, int]:
    """What a column of this field may be called, the likeliest first, with its place."""
    field = NOUNS[noun].field(key)
    phrases = [key.replace("_", " "), *_words(_FIELD_WORDS, key)]
    if key in _NAMING:
        phrases += [alias + end for alias in _words(_NOUN_WORDS, noun) for end in _NAMING[key]]
    if field and field.refers_to:
        names = [*phrases, *_words(_NOUN_WORDS, field.refers_to)]
        phrases += [name + end for name in names for end in _REFERENCE_ENDS]
    return {phrase: place for place, phrase in enumerate(dict.fromkeys(phrases))}


def _may_hold(kind: Kind, guess: Guess) -> bool:
    if guess.kind == "empty":
        return True
    allowed = {
        Kind.DATE: ("date",),
        Kind.INTEGER: ("integer",),
        Kind.MONEY: ("integer", "number"),
        Kind.UNIT_PRICE: ("integer", "number"),
        Kind.QUANTITY: ("integer", "number"),
        Kind.DEGREES: ("integer", "number"),
        Kind.RATE: ("integer", "number"),
        Kind.SHARE: ("integer", "number", "percent"),
        Kind.BOOL: ("bool", "integer"),
        Kind.CURRENCY: ("currency",),
        Kind.EMAIL: ("email",),
    }.get(kind)
    return (allowed is None and guess.kind != "date") or (allowed is not None and guess.kind in allowed)
