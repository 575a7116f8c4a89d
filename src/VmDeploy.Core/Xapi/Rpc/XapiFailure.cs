namespace VmDeploy.Xapi;

/// <summary>A failure that xapi reports, with the advice of the error table.</summary>
public sealed class XapiFailure : VmDeployException
{
    private XapiFailure(XapiFailureTable.Row row, string message, string failure, IReadOnlyList<string> parameters)
        : base(row.Code, message)
    {
        Failure = failure;
        Parameters = parameters;
    }

    /// <summary>XenAPI's code, for example <c>VM_BAD_POWER_STATE</c>.</summary>
    public string Failure { get; }

    /// <summary>Its parameters as the host sent them.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>Creates the exception for an error description: the code, then its parameters.</summary>
    internal static XapiFailure Create(string method, IReadOnlyList<string> description)
    {
        var failure = description.Count > 0 ? description[0] : "UNKNOWN";
        var parameters = description.Skip(1).ToList();
        var row = XapiFailureTable.Find(failure);
        // References mean nothing to a user, and change.
        var told = parameters
            .Select((value, i) => (Name: i < row.Parameters.Count ? row.Parameters[i] : null, Value: value))
            .Where(p => p.Value.Length > 0 && !p.Value.StartsWith("OpaqueRef:", StringComparison.Ordinal))
            .Select(p => p.Name is null ? p.Value : $"{p.Name}: {p.Value}");
        var details = string.Join(", ", told);
        return new XapiFailure(row, $"{method}: {failure}{(details.Length > 0 ? $" ({details})" : "")}", failure, parameters)
        { IsTransient = row.Code == ErrorCodes.HostBusy || row.Code == ErrorCodes.HostNotReady };
    }
}
