using System.Collections;
using System.Management.Automation;
using System.Reflection;
using NJsonSchema;
using VmDeploy.PowerShell;

namespace VmDeploy.Tests.Support;

/// <summary>The JSON Schema of a deployment's file, generated from what its reader takes: the parameters of the cmdlets and the keys of its own.</summary>
internal static class DeploymentSchema
{
    /// <summary>The published file.</summary>
    public static string FilePath => Repository.Path("src/VmDeploy/VmDeploy.Deployment.schema.json");

    public static JsonSchema Create()
    {
        var host = Object(new()
        {
            ["server"] = Text("Host name or address; by default the name of the entry."),
            ["kind"] = Enumeration(["esxi", "vcenter", "xenserver", "xcp-ng"], "The kind of hypervisor."),
            ["port"] = Whole(1, 65535, "TCP port, if it is not 443."),
            ["thumbprint"] = Text("SHA-256 or SHA-1 thumbprint of the only certificate to accept."),
            ["via_ssh"] = Text("The SSH host that the connection goes through."),
            ["skip_certificate_check"] = Flag("Accept any certificate."),
            ["secret"] = Text("The name of a secret with the login, for Get-Secret of SecretManagement."),
        }, "kind");
        var machine = Machine();
        machine.Properties["overrides"] = Property(Map(Machine(), "Other values for some of the machines, by name."));
        var whole = Machine();
        whole.Properties["overrides"] = Property(Map(Machine(), "Other values for some of the machines, by name."));
        var root = Object(new()
        {
            ["name"] = Text("The name of the deployment, which its VMs carry."),
            ["variables"] = Map(new JsonSchema { Type = JsonObjectType.String | JsonObjectType.Number | JsonObjectType.Boolean }, "Values for {name} in texts of the file."),
            ["defaults"] = machine,
            ["hosts"] = Map(host, "The hosts by name. A login is never part of the file."),
            ["machines"] = Map(whole, "The machines by name."),
        }, "name", "hosts", "machines");
        root.Title = "Deployment of VmDeploy";
        return root;
    }

    private static JsonSchema Machine()
    {
        var keys = new Dictionary<string, JsonSchema>
        {
            ["host"] = Text("The host, by its name under hosts; not needed if there is only one."),
            ["count"] = Whole(1, 1000, "How many machines; their names are numbered."),
            ["name_pattern"] = Text("Names of the VMs: {source} stands for the name of the entry, {n} for a number, {n:00} for one with leading zeros."),
            ["state"] = Enumeration(Names(typeof(MachineState)), "The state that the machine should have."),
            ["depends_on"] = Texts("Machines or entries that must be as wanted first."),
            ["wait_for"] = Enumeration(Names(typeof(VmCondition)), "What makes it ready for the machines that depend on it."),
            ["timeout_sec"] = Whole(1, 86400, "Time limit for that, and for a guest that must shut down, in seconds."),
        };
        foreach (var parameter in MachineKeys.Makers.SelectMany(MachineKeys.Of))
        {
            // A name of one word is a key in lower case too: template, network.
            foreach (var key in MachineKeys.NamesOf(parameter).Where(name => !name.Skip(1).Any(char.IsUpper)).Select(name => name.ToLowerInvariant()).DefaultIfEmpty(MachineKeys.KeyOf(parameter)))
                keys.TryAdd(key, ValueOf(parameter));
        }
        return Object(keys.ToDictionary(key => key.Key, key => OrVariable(key.Value)));
    }

    private static JsonSchema ValueOf(PropertyInfo parameter)
    {
        var conversion = parameter.GetCustomAttribute<ArgumentTransformationAttribute>();
        return conversion switch
        {
            WholeNumberAttribute number => Whole(number.Minimum, number.Maximum, null),
            EnumNameAttribute name => Enumeration(Names(name.Type), null),
            FlagAttribute => Flag(null),
            MapTransformationAttribute => Map(new JsonSchema { Type = Scalar }, null),
            DiskSizesAttribute or SizeGBAttribute => new JsonSchema { Type = JsonObjectType.Number | JsonObjectType.Array | JsonObjectType.Object },
            NetworkChoiceAttribute => new JsonSchema { Type = JsonObjectType.String | JsonObjectType.Array | JsonObjectType.Object },
            CloudInitTransformationAttribute => new JsonSchema { Type = JsonObjectType.String | JsonObjectType.Array | JsonObjectType.Object },
            _ when parameter.PropertyType.IsArray => Texts(null),
            _ => Text(null),
        };
    }

    // A null value counts as absent, and {variable} stands for any value.
    private static JsonSchema OrVariable(JsonSchema value)
    {
        var description = value.Description;
        value.Description = null;
        if (value.Type.HasFlag(JsonObjectType.String) && value.Enumeration.Count == 0)
        {
            value.Type |= JsonObjectType.Null;
            value.Description = description;
            return value;
        }
        var any = new JsonSchema { Description = description };
        any.AnyOf.Add(value);
        any.AnyOf.Add(new JsonSchema { Type = JsonObjectType.String, Pattern = @"^\{[A-Za-z_][A-Za-z0-9_]*\}$" });
        any.AnyOf.Add(new JsonSchema { Type = JsonObjectType.Null });
        return any;
    }

    private static JsonObjectType Scalar => JsonObjectType.String | JsonObjectType.Number | JsonObjectType.Boolean | JsonObjectType.Null;

    private static JsonSchema Text(string? description) => new() { Type = JsonObjectType.String, Description = description };

    private static JsonSchema Texts(string? description) => new() { Type = JsonObjectType.String | JsonObjectType.Array, Item = Text(null), Description = description };

    private static JsonSchema Flag(string? description) => new() { Type = JsonObjectType.Boolean, Description = description };

    private static JsonSchema Whole(long minimum, long maximum, string? description) =>
        new() { Type = JsonObjectType.Integer, Minimum = minimum, Maximum = maximum, Description = description };

    private static JsonSchema Enumeration(IEnumerable<string> names, string? description)
    {
        var schema = Text(description);
        foreach (var name in names)
            schema.Enumeration.Add(name);
        return schema;
    }

    // Files are written in lower case; the names of the enumeration are taken too.
    private static IEnumerable<string> Names(Type type) => Enum.GetNames(type).SelectMany(name => new[] { name.ToLowerInvariant(), name });

    private static JsonSchema Map(JsonSchema value, string? description)
    {
        var schema = new JsonSchema { Type = JsonObjectType.Object, AdditionalPropertiesSchema = value, Description = description };
        schema.PatternProperties["^[_$]"] = new JsonSchemaProperty();
        return schema;
    }

    private static JsonSchema Object(Dictionary<string, JsonSchema> properties, params string[] required)
    {
        var schema = new JsonSchema { Type = JsonObjectType.Object, AllowAdditionalProperties = false };
        foreach (var (name, value) in properties)
            schema.Properties[name] = Property(value);
        foreach (var name in required)
            schema.RequiredProperties.Add(name);
        // Comments, and the address of the schema.
        schema.PatternProperties["^[_$]"] = new JsonSchemaProperty();
        return schema;
    }

    private static JsonSchemaProperty Property(JsonSchema value)
    {
        var property = new JsonSchemaProperty
        {
            Type = value.Type,
            Description = value.Description,
            Minimum = value.Minimum,
            Maximum = value.Maximum,
            Item = value.Item,
            AllowAdditionalProperties = value.AllowAdditionalProperties,
            AdditionalPropertiesSchema = value.AdditionalPropertiesSchema,
        };
        foreach (var one in (IEnumerable)value.Enumeration)
            property.Enumeration.Add(one);
        foreach (var (name, member) in value.Properties)
            property.Properties[name] = Property(member);
        foreach (var (pattern, _) in value.PatternProperties)
            property.PatternProperties[pattern] = new JsonSchemaProperty();
        foreach (var name in value.RequiredProperties)
            property.RequiredProperties.Add(name);
        foreach (var one in value.AnyOf)
            property.AnyOf.Add(one);
        return property;
    }
}
