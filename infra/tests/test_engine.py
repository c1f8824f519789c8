"""EventEngine: Hasura, or the engine of this repository, in the same task."""

from templates import Template

HASURA = Template("hasura.yaml")


def container(name):
    task = dict(HASURA.resources())["Task"]["Properties"]
    return next(container for container in task["ContainerDefinitions"] if container["Name"] == name)


def test_engine_has_a_smaller_task_of_each_size():
    sizes, engine = (HASURA.body["Mappings"][name] for name in ("Sizes", "EngineSizes"))
    assert sizes.keys() == engine.keys() == set(HASURA.body["Parameters"]["Size"]["AllowedValues"])
    # Combinations that Fargate has: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
    possible = {256: (512, 1024, 2048), 512: range(1024, 4097, 1024), 1024: range(2048, 8193, 1024), 2048: range(4096, 16385, 1024)}
    for size in sizes:
        for values in (sizes[size], engine[size]):
            assert int(values["Memory"]) in possible[int(values["Cpu"])], (size, values)
        assert int(engine[size]["Cpu"]) * 2 == int(sizes[size]["Cpu"])


def test_engine_has_an_image_of_its_own_and_the_same_settings():
    hasura = container("hasura")
    assert hasura["Image"] == {"Fn::If": ["WithEngine", {"Ref": "EngineImage"}, {"Ref": "Image"}]}
    environment = {variable["Name"]: variable["Value"] for variable in hasura["Environment"]}
    assert environment["PROGRAM"] == {"Fn::If": ["WithEngine", "engine", "graphql-engine serve"]}
    assert hasura["Command"][0].rstrip().endswith("exec $PROGRAM")
    assert HASURA.body["Conditions"]["WithEngine"] == {"Fn::Equals": [{"Ref": "EventEngine"}, "threefactor"]}


def test_engine_without_an_image_is_refused():
    for name in ("hasura.yaml", "main.yaml"):
        template = Template(name)
        rule = template.body["Rules"]["EngineRequiresImage"]
        assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "EventEngine"}, "threefactor"]}
        assert template.body["Parameters"]["EventEngine"]["Default"] == "hasura"
        assert template.body["Parameters"]["EngineImage"]["Default"] == ""


def test_spans_are_exported_only_to_a_configured_collector():
    for name in ("functions.yaml", "identity.yaml"):
        template = Template(name)
        functions = [body for _, body in template.resources() if body["Type"] == "AWS::Lambda::Function" and "Environment" in body["Properties"]]
        traced = [body for body in functions if "METRICS_STAGE" in body["Properties"]["Environment"]["Variables"]]
        assert traced, name
        for body in traced:
            variables = body["Properties"]["Environment"]["Variables"]
            assert variables["OTEL_EXPORTER_OTLP_ENDPOINT"] == {"Fn::If": ["WithOtlp", {"Ref": "OtlpEndpoint"}, {"Ref": "AWS::NoValue"}]}
            assert variables["XRAY_PERCENT"] == {"Ref": "TracedPercent"}
            assert body["Properties"]["TracingConfig"] == {"Mode": {"Ref": "Tracing"}}
