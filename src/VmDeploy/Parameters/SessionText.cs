using System.Runtime.CompilerServices;

namespace VmDeploy.PowerShell;

/// <summary>The text that stands for an object of a host as the value of a parameter, with the session that the object belongs to.</summary>
internal static class SessionText
{
    // By reference: the same text typed by a user has no session.
    private static readonly ConditionalWeakTable<string, VmSession> s_sessions = new();

    /// <summary>The session of an object of a host; null for anything else.</summary>
    public static VmSession? SessionOf(object? value) => value switch
    {
        HostObject found => found.Session,
        VmPlace place => place.Session,
        DatastoreFile file => file.Session,
        VmSnapshot snapshot => snapshot.Vm.Session,
        Vm vm => vm.Session,
        _ => null,
    };

    /// <summary>The text of an object of a host; anything else as it is.</summary>
    public static object? Of(object? value)
    {
        if (PlainValue.Of(value) is not { } given || SessionOf(given) is not { } session)
            return value;
        var text = given switch
        {
            HostObject found => found.Name,
            VmPlace place => place.Path,
            DatastoreFile file => file.Path,
            VmSnapshot snapshot => snapshot.Name,
            _ => ((Vm)given).Name,
        };
        text = new string(text.ToCharArray());
        s_sessions.Add(text, session);
        return text;
    }

    /// <summary>The objects among the values of a cmdlet's parameters, with their sessions.</summary>
    public static IEnumerable<(string Name, VmSession Session)> Find(PSCmdlet cmdlet)
    {
        foreach (var property in cmdlet.GetType().GetProperties())
        {
            if (property.PropertyType == typeof(NetworkChoice) && property.GetValue(cmdlet) is NetworkChoice choice)
            {
                foreach (var network in choice.Objects)
                    yield return (network.Name, network.Session);
            }
            else if (property.PropertyType == typeof(string) || property.PropertyType == typeof(string[]))
            {
                foreach (var text in property.GetValue(cmdlet) switch { string one => [one], string[] several => several, _ => Array.Empty<string>() })
                {
                    if (text is not null && s_sessions.TryGetValue(text, out var session))
                        yield return (text, session);
                }
            }
        }
    }
}
