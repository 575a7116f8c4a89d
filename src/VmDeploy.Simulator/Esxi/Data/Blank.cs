using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Data;

/// <summary>Data objects with empty required elements.</summary>
internal static class Blank
{
    public static DataObject Of(string type)
    {
        var data = new DataObject(type);
        foreach (var field in data.Type.Fields.Where(f => !f.IsOptional))
            data[field.Name] = field.IsArray ? new[] { Value(field.Type) } : Value(field.Type);
        return data;
    }

    private static object Value(string type) => type switch
    {
        "string" or "anyURI" => "",
        "boolean" => false,
        "int" => 0,
        "short" => (short)0,
        "byte" => (sbyte)0,
        "long" => 0L,
        "float" => 0f,
        "double" => 0d,
        "dateTime" => DateTime.UnixEpoch,
        "ManagedObjectReference" => new Mor("ManagedEntity", ""),
        _ when VimSchema.FindEnum(type) is { } values => values.First(),
        _ => Of(type),
    };
}
