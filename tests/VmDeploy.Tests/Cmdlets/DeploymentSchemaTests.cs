using NJsonSchema;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>The published JSON Schema of deployments.</summary>
public sealed class DeploymentSchemaTests
{
    private static readonly Lazy<Task<JsonSchema>> s_schema = new(() => JsonSchema.FromFileAsync(DeploymentSchema.FilePath));

    /// <summary>Values of machines that the schema and the reader refuse alike, each under the key that it stands under.</summary>
    public static TheoryData<string, string> Broken => new()
    {
        { "cpu", "0" }, { "cpu", "\"two\"" }, { "cpu", "1.5" }, { "cpu", "true" }, { "cpu", "5000" }, { "cpu", "[1]" }, { "cpu", "{}" },
        { "memory", "1" }, { "memory", "\"much\"" }, { "memory", "false" }, { "memory", "1e12" },
        { "count", "0" }, { "count", "1001" }, { "count", "\"x\"" }, { "count", "2.5" },
        { "state", "\"on\"" }, { "state", "1" }, { "state", "[]" }, { "state", "\"Runing\"" },
        { "wait_for", "\"ip\"" }, { "wait_for", "5" },
        { "timeout_sec", "0" }, { "timeout_sec", "\"soon\"" }, { "timeout_sec", "90000" },
        { "firmware", "\"uefi\"" }, { "firmware", "2" },
        { "secure_boot", "\"maybe\"" }, { "secure_boot", "3" },
        { "nic_model", "\"rtl8139\"" }, { "disk_provisioning", "\"Fat\"" }, { "cloud_init_via", "\"Mail\"" },
        { "accept_eula", "\"yes\"" }, { "adapt", "7" }, { "extra_config", "\"a=b\"" }, { "extra_config", "[1]" },
        { "ovf_properties", "3" }, { "network", "5" }, { "network", "true" }, { "disk", "true" },
        { "extra_disk_gb", "true" },
        { "cpus", "1" }, { "memry", "64" }, { "datastor", "\"a\"" }, { "hots", "\"h\"" }, { "dependson", "\"a\"" }, { "power_on", "true" },
        { "num_instances", "2" }, { "name", "\"a\"" }, { "password", "\"a\"" }, { "uri_credential", "\"a\"" },
    };

    [Fact]
    public async Task The_published_schema_is_that_of_the_reader()
    {
        var current = DeploymentSchema.Create().ToJson().ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("VMDEPLOY_WRITE_SCHEMA") == "1")
            await File.WriteAllTextAsync(DeploymentSchema.FilePath, current);
        Assert.Equal(current, (await File.ReadAllTextAsync(DeploymentSchema.FilePath)).ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_examples_are_valid()
    {
        var schema = await s_schema.Value;
        var examples = Directory.GetFiles(Repository.Path("examples/deployments"), "*.json");
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(schema.Validate(File.ReadAllText(example))));
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task The_schema_and_the_reader_refuse_the_same_in_the_same_place(string key, string value)
    {
        var json = $$"""
            {
              "name": "lab",
              "hosts": { "h": { "kind": "esxi" } },
              "machines": {
                "m": {
                  "ovf_path": "a.ova",
                  "{{key}}": {{value}}
                }
              }
            }
            """;
        var problem = Assert.Single((await s_schema.Value).Validate(json));
        Assert.Equal(7, Line(problem));

        using var engine = Engine.Start();
        using var folder = new TempFolder();
        engine["lab"] = Path.Combine(folder.Path, "lab.json");
        await File.WriteAllTextAsync((string)engine["lab"]!, json);
        var refused = (await engine.RunAsync("Test-VmDeployment $lab")).Error("DeploymentFileInvalid");
        Assert.Contains($"Line 7, machines.m.{key}", refused.Exception.Message, StringComparison.Ordinal);
    }

    // The innermost problem.
    private static int Line(NJsonSchema.Validation.ValidationError error) => error is NJsonSchema.Validation.ChildSchemaValidationError child && child.Errors.Count > 0
        ? Line(child.Errors.First().Value.First()) : error.LineNumber;
}
