using System.Reflection;
using System.Runtime.CompilerServices;

namespace VmDeploy.PowerShell;

/// <summary>
/// Accepts the name of something that a host has, or the object itself, which stands for its name and keeps its session. An object of
/// another kind, or a whole object from a file, is refused: PowerShell would convert it to text.
/// </summary>
/// <param name="type">The kind, for example <see cref="VmDatastore"/>.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HostObjectNameAttribute(Type type) : ArgumentTransformationAttribute
{
    // By reference: the same text typed by a user has no session.
    private static readonly ConditionalWeakTable<string, VmSession> s_sessions = new();

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        // PowerShell tries the object's properties only after an invalid cast.
        if (inputData is PSObject { BaseObject: PSCustomObject })
            throw new ArgumentTransformationMetadataException($"The name of a {type.Name} is required.", new PSInvalidCastException());
        if (PlainValue.Of(inputData) is not HostObject given)
            return inputData;
        if (!type.IsInstanceOfType(given))
            throw new ArgumentTransformationMetadataException($"'{given}' is a {given.GetType().Name}, not a {type.Name}.");
        var name = new string(given.Name.ToCharArray());
        s_sessions.Add(name, given.Session);
        return name;
    }

    /// <summary>The objects among the values of a cmdlet's parameters, with their sessions.</summary>
    internal static IEnumerable<(string Name, VmSession Session)> Find(PSCmdlet cmdlet)
    {
        foreach (var property in cmdlet.GetType().GetProperties())
        {
            if (property.IsDefined(typeof(HostObjectNameAttribute)) && property.GetValue(cmdlet) is string name && s_sessions.TryGetValue(name, out var session))
                yield return (name, session);
            else if (property.PropertyType == typeof(NetworkChoice) && property.GetValue(cmdlet) is NetworkChoice choice)
            {
                foreach (var network in choice.Objects)
                    yield return (network.Name, network.Session);
            }
        }
    }
}
