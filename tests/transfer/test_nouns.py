from sfactl.transfer.nouns import NOUNS, Kind

EXPECTED = {
    "territory": "code! name! external_id parent kind priority",
    "user": "login! name! external_id email title manager role hired_on active os_user database_role latitude longitude",
    "team": "code! name! external_id territory lead",
    "team-member": "team! user! role valid_from valid_to",
    "member": "territory! user! role! valid_from valid_to",
    "skill": "code! name! external_id",
    "user-skill": "user! skill! level!",
    "account": "code! name! external_id territory owner segment industry kind parent city region country "
    "postal_code phone website employees annual_revenue potential currency owned_since hours latitude longitude",
    "account-need": "account! skill! level! weight",
    "contact": "external_id! account! name! title email phone",
    "product": "code! name! external_id family subfamily unit active cost currency",
    "price": "product! price_book currency unit_price! valid_from! valid_to",
    "feature": "bundle! code! name! min max position",
    "feature-option": "bundle! feature! product! min max step default included required position",
    "product-attribute": "product! attribute! amount!",
    "configuration-rule": "code! bundle kind! attribute against at_least at_most message position",
    "rule-product": "rule! part product! position",
    "stock": "product! warehouse! quantity! reorder_point bin counted_on",
    "arrival": "product! warehouse! reference! quantity! expected_on! received_on",
    "contract-price": "code! external_id account! kind product family min_quantity currency unit_price discount amount_off"
    " valid_from! valid_to",
    "promotion": "code! name! external_id segment product family min_quantity currency max_quantity unit_price discount"
    " amount_off valid_from! valid_to",
    "exchange-rate": "from_currency! to_currency! rated_on! rate!",
    "quota": "user territory team measure starts_on! ends_on! amount! currency product_family seasonality ramp active_from"
    " active_until",
    "opportunity": "code! name! account! external_id seller stage! amount currency close_on! probability "
    "created_on closed_on next_step product_family",
    "activity": "external_id! kind! subject! account opportunity owner! planned_on done_on note",
    "order": "code! account! external_id seller territory booked_on! completed_on channel status amount! tax freight "
    "total currency purchase_order",
    "order-line": "order! line! product! quantity! unit_price discount amount! currency",
}


def test_every_noun_has_the_fields_that_the_manual_lists() -> None:
    found = {name: " ".join(field.key + "!" * field.required for field in noun.fields) for name, noun in NOUNS.items()}

    assert found == EXPECTED


def test_each_noun_comes_after_those_it_refers_to() -> None:
    known: set[str] = set()
    for noun in NOUNS.values():
        known.add(noun.name)
        assert {field.refers_to for field in noun.fields if field.refers_to} <= known


def test_what_keys_and_rules_name_are_fields() -> None:
    for noun in NOUNS.values():
        for key in (*noun.keys, *noun.any_of, *(noun.span or ())):
            assert noun.field(key), (noun.name, key)


def test_choices_belong_to_choice_fields_alone() -> None:
    for noun in NOUNS.values():
        for field in noun.fields:
            assert bool(field.choices) == (field.kind is Kind.CHOICE)
