using System.Runtime.CompilerServices;

namespace VmDeploy.PowerShell;

/// <summary>Texts that stand for objects of a host as values of parameters: each object, with its session and VM, is found again by its text.</summary>
internal static class HostObjectText
{
    // By reference: the same text typed by a user stands for no object.
    private static readonly ConditionalWeakTable<string, object> s_objects = new();

    /// <summary>The session of an object of a host; null for anything else.</summary>
    public static VmSession? SessionOf(object? value) => value switch
    {
        HostObject found => found.Session,
        VmPlace place => place.Session,
        DatastoreFile file => file.Session,
        VmSnapshot snapshot => snapshot.Vm.Session,
        Vm vm => vm.Session,
        IVmDevice device => device.Vm.Session,
        _ => null,
    };

    /// <summary>The text of an object of a host.</summary>
    public static string Of(object given)
    {
        var text = given switch
        {
            HostObject found => found.Name,
            VmPlace place => place.Path,
            DatastoreFile file => file.Path,
            VmSnapshot snapshot => snapshot.Name,
            Vm vm => vm.Name,
            _ => ((IVmDevice)given).Label,
        };
        // There is only one empty text.
        if (text.Length == 0)
            throw new ArgumentTransformationMetadataException($"The {given.GetType().Name} has no name.");
        text = new string(text.ToCharArray());
        s_objects.Add(text, given);
        return text;
    }

    /// <summary>Whether a text stands for an object, so that its characters are no wildcards.</summary>
    public static bool IsObject(string text) => s_objects.TryGetValue(text, out _);

    /// <summary>The objects among the values of a cmdlet's parameters, and their texts.</summary>
    public static IEnumerable<(string Text, object Given)> Find(PSCmdlet cmdlet)
    {
        foreach (var property in cmdlet.GetType().GetProperties())
        {
            if (property.PropertyType == typeof(NetworkChoice) && property.GetValue(cmdlet) is NetworkChoice choice)
            {
                foreach (var network in choice.Objects)
                    yield return (network.Name, network);
            }
            else if (property.PropertyType == typeof(string) || property.PropertyType == typeof(string[]))
            {
                foreach (var text in property.GetValue(cmdlet) switch { string one => [one], string[] several => several, _ => Array.Empty<string>() })
                {
                    if (text is not null && s_objects.TryGetValue(text, out var given))
                        yield return (text, given);
                }
            }
        }
    }
}
