using System.Text.RegularExpressions;

namespace VmDeploy.Vsphere;

/// <summary>A fault of the host (<c>vim.fault.*</c>, <c>vmodl.fault.*</c>): from a call, a task, a lease or an import spec.</summary>
internal sealed class VimFault : VmDeployException
{
    // Ids of views, collectors and leases contain the session's key, which is a secret like a password.
    private static readonly Regex s_sessionKey = new(@"session\[[^\]]*\]", RegexOptions.CultureInvariant);

    private VimFault(string type, XElement? detail, string message, object? target)
        : base(VimFaultTable.CodeOf(type), message, target)
    {
        Type = type;
        Detail = detail;
        IsTransient = VimFaultTable.IsTransient(type);
    }

    /// <summary>The schema type, for example <c>InvalidPowerState</c>.</summary>
    public string Type { get; }

    /// <summary>A task (or lease) ended with it. Otherwise a call was refused, perhaps one that asked for the state of a task.</summary>
    public bool EndsTask { get; private init; }

    public XElement? Detail { get; }

    public static VimFault FromSoap(XElement fault, object? target)
    {
        var detail = fault.Element("detail")?.Elements().FirstOrDefault();
        var type = detail is null ? "RuntimeFault" : detail.TypeName() ?? TrimFault(detail.Name.LocalName);
        return Create(type, detail, fault.Element("faultstring")?.Value, target);
    }

    /// <summary>Reads a <c>LocalizedMethodFault</c> (tasks, leases, import specs).</summary>
    public static VimFault FromLocalized(XElement localized, object? target)
    {
        var detail = localized.Child("fault");
        return Create(detail?.TypeName() ?? "MethodFault", detail, localized.Value("localizedMessage"), target, endsTask: true);
    }

    private static VimFault Create(string type, XElement? detail, string? text, object? target, bool endsTask = false)
    {
        // Many faults have more details in their messages than in the one line of text.
        var more = (detail?.Descendants(VimXml.Vim + "faultMessage") ?? [])
            .Select(m => m.Value("message") ?? "").Where(m => m.Length > 0).Distinct().ToArray();
        var message = string.IsNullOrWhiteSpace(text) ? $"The host refused: {type}." : s_sessionKey.Replace(text!.Trim(), "");
        var joined = string.Join(" ", new[] { message }.Concat(more.Where(m => !message.Contains(m))));
        return new VimFault(VimFaultTable.TypeOf(type, joined), detail, target is null ? joined : $"{target}: {joined}", target) { EndsTask = endsTask };
    }

    private static string TrimFault(string name) =>
        name.EndsWith("Fault", StringComparison.Ordinal) && name.Length > 5 ? name.Substring(0, name.Length - 5) : name;
}
