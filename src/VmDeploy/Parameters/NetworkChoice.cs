using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Networks for the adapters of a VM: one for all, a list with one for each, or a map of the source's networks to others.</summary>
/// <param name="Names">The networks in the order of the adapters; null for a map.</param>
/// <param name="Map">The source's networks to others; null for a list.</param>
public sealed record NetworkChoice(IReadOnlyList<string>? Names, Hashtable? Map)
{
    /// <summary>The networks that were given as objects, which have sessions.</summary>
    internal IReadOnlyList<VmNetwork> Objects { get; init; } = [];
}

/// <summary>Reads a <see cref="NetworkChoice"/> from a text, a network, a list of them, a hashtable or an object with properties.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NetworkChoiceAttribute : ArgumentTransformationAttribute
{
    private static readonly MapTransformationAttribute s_map = new();

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null or "" or NetworkChoice => value as NetworkChoice,
            string or VmNetwork => new NetworkChoice([value.ToString()!], null) { Objects = Networks(new[] { value }) },
            IDictionary map => Map(engineIntrinsics, inputData) with { Objects = Networks(map.Values) },
            PSObject => Map(engineIntrinsics, inputData),
            IEnumerable list => new NetworkChoice(list.Cast<object?>().Select(Name).ToList(), null) { Objects = Networks(list) },
            _ => throw new ArgumentTransformationMetadataException($"A network, a list of networks or a hashtable is required, not {value.GetType().Name} '{value}'."),
        };
    }

    private static NetworkChoice Map(EngineIntrinsics engine, object given)
    {
        var map = (Hashtable)s_map.Transform(engine, given)!;
        return map.Keys.Cast<string>().FirstOrDefault(key => map[key] is "") is { } key
            ? throw new ArgumentTransformationMetadataException($"The map has no network for '{key}'.")
            : new NetworkChoice(null, map);
    }

    private static List<VmNetwork> Networks(IEnumerable values) =>
        values.Cast<object?>().Select(value => PlainValue.Of(value)).OfType<VmNetwork>().ToList();

    private static string Name(object? value) => PlainValue.Of(value) switch
    {
        string { Length: > 0 } text => text,
        VmNetwork network => network.ToString(),
        _ => throw new ArgumentTransformationMetadataException("Each member of a list of networks must be a name."),
    };
}
