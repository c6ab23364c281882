"""The OpenAPI document and the routes say the same, and every route of the API has a door."""

from pathlib import Path
from uuid import uuid4

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from creneau.core.domain import errors
from creneau.web.api.bookable import BookableTimesAnswer
from creneau.web.api.refusals import codes_by_status
from creneau.web.application import DOCUMENT_PATH, REFERENCE_PATH
from creneau.web.errors import status_of
from tests.conftest import Centre
from tests.web.api_client import API, Api, a_booking

ROUTES = {
    ("POST", "/availability"),
    ("GET", "/availability"),
    ("PUT", "/availability/{slotId}"),
    ("DELETE", "/availability/{slotId}"),
    ("GET", "/availability/{consultantId}/slots"),
    ("POST", "/bookings"),
    ("GET", "/bookings/{bookingId}"),
    ("PUT", "/bookings/{bookingId}/confirm"),
    ("PUT", "/bookings/{bookingId}/complete"),
    ("PUT", "/bookings/{bookingId}/cancel"),
    ("GET", "/beneficiary/{beneficiaryId}/bookings"),
    ("GET", "/consultant/{consultantId}/bookings"),
    ("GET", "/analytics/consultant/{consultantId}"),
}
"""What the report of the first system lists. Its bookings of a bilan have the address of one booking."""


def served_routes(api: Api) -> set[tuple[str, str]]:
    return {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in api.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.rule not in (DOCUMENT_PATH, REFERENCE_PATH)
    }


def test_the_document_lists_exactly_the_routes_that_are_served(api: Api):
    document = api.app.test_client().get(DOCUMENT_PATH).json

    listed = {(verb.upper(), path) for path, item in document["paths"].items() for verb in item}
    assert listed == served_routes(api)
    assert listed >= {(method, API + path) for method, path in ROUTES}


def test_the_document_is_valid_openapi(api: Api):
    validate(api.app.test_client().get(DOCUMENT_PATH).json, cls=OpenAPIV31SpecValidator)


def test_every_code_is_listed_with_its_status_and_explained_in_the_docs(api: Api):
    schemas = api.app.test_client().get(DOCUMENT_PATH).json["components"]["schemas"]
    explained = (Path(__file__).parents[2] / "docs/errors.md").read_text()

    listed = {
        name.removeprefix("Error"): schema["properties"]["code"]["enum"]
        for name, schema in schemas.items()
        if name.removeprefix("Error").isdigit()
    }
    assert listed == {str(int(status)): codes for status, codes in codes_by_status().items()}
    assert {"slot.taken", "booking.illegal_transition"} <= set(listed["409"])
    assert [code for codes in listed.values() for code in codes if f"`{code}`" not in explained] == []


def test_the_document_is_sound(api: Api):
    document = api.app.test_client().get(DOCUMENT_PATH).json
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    references = list(references_in(document))

    assert document["openapi"].startswith("3.1")
    assert {"title", "version"} <= set(document["info"])
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert all(operation["security"] == [{"bearer": []}] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all({"400", "401", "404", "422", "503"} < set(operation["responses"]) for operation in operations)
    assert all(response["description"] for operation in operations for response in operation["responses"].values())
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert references
    assert all(reference.rsplit("/", 1)[1] in document["components"]["schemas"] for reference in references)


def test_path_parameters_are_declared(api: Api):
    document = api.app.test_client().get(DOCUMENT_PATH).json

    for path, item in document["paths"].items():
        for operation in item.values():
            declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path" and p["required"]}
            assert declared == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_day_zero_is_documented_as_sunday(api: Api):
    document = api.app.test_client().get(DOCUMENT_PATH).json

    assert "0 = Sunday" in document["info"]["description"]
    for model in ("SlotBody", "SlotView"):
        assert "0 = Sunday" in str(document["components"]["schemas"][model]["properties"]["day_of_week"])


def test_answers_are_as_documented(api: Api, centre: Centre):
    document = api.app.test_client().get(DOCUMENT_PATH).json
    booking = api.post(centre.beneficiary, "/bookings", a_booking(centre))
    path = f"/bookings/{booking.json['data']['id']}"
    answers = {
        "BookingAnswer": [booking, api.get(centre.beneficiary, path), api.put(centre.consultant, f"{path}/confirm")],
        "BookingsAnswer": [api.get(centre.consultant, f"/consultant/{centre.consultant.id}/bookings")],
        "BookableTimesAnswer": [api.get(centre.beneficiary, f"/availability/{centre.consultant.id}/slots")],
        "SlotAnswer": [
            api.post(centre.consultant, "/availability", {"start_time": "09:00", "end_time": "12:00", "day_of_week": 0})
        ],
        "ErrorAnswer": [api.post(centre.beneficiary, "/bookings", a_booking(centre)), api.post(centre.admin, "/x", {})],
    }

    for name, given in answers.items():
        validator = Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})
        for answer in given:
            validator.validate(answer.json)
    listed = answers["BookableTimesAnswer"][0].text
    assert BookableTimesAnswer.model_validate_json(listed).model_dump_json() == listed


def test_every_route_refuses_an_anonymous_request(api: Api):
    client = api.app.test_client()

    for method, path in served_routes(api):
        address = "/".join(str(uuid4()) if part.startswith("{") else part for part in path.split("/"))
        for verb in (method, "OPTIONS"):
            answer = client.open(address, method=verb)
            assert (answer.status_code, answer.json["code"]) == (401, "auth.required"), (verb, path)


def test_the_page_shows_every_route_and_fetches_nothing(api: Api):
    page = api.app.test_client().get(REFERENCE_PATH)
    policy = page.headers["Content-Security-Policy"]

    assert [path for _, path in served_routes(api) if path not in page.text] == []
    assert "slot.taken" in page.text
    assert "0 = Sunday" in page.text
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert [word for word in ("<script", "src=", "@import", "url(", "http://", 'href="http') if word in page.text] == []


def test_every_refusal_has_a_status():
    def below(refusal: type[errors.Refusal]) -> set[type[errors.Refusal]]:
        return {refusal}.union(*(below(child) for child in refusal.__subclasses__()))

    statuses = {int(status_of(refusal)) for refusal in below(errors.Refusal)}
    assert statuses == {400, 401, 403, 404, 409, 412, 422, 429}


def references_in(node: object) -> list[str]:
    if isinstance(node, list):
        return [reference for item in node for reference in references_in(item)]
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for value in node.values() for reference in references_in(value)]
    return []
