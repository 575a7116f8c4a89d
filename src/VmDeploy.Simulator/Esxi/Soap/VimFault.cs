using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Soap;

/// <summary>A fault of the interface for the client.</summary>
internal sealed class VimFault(DataObject detail, string message) : Exception(message)
{
    // A host's text without details.
    private static readonly Dictionary<string, string> s_messages = new(StringComparer.Ordinal)
    {
        ["InvalidLogin"] = "Cannot complete login due to an incorrect user name or password.",
        ["NotAuthenticated"] = "The session is not authenticated.",
        ["NoPermission"] = "Permission to perform this operation was denied.",
        ["NotSupported"] = "The operation is not supported on the object.",
        ["NotImplemented"] = "The method is not implemented.",
        ["InvalidState"] = "The operation is not allowed in the current state.",
        ["TaskInProgress"] = "Another task is already in progress.",
        ["RestrictedVersion"] = "Current license or ESXi version prohibits execution of the requested operation.",
        ["ToolsUnavailable"] = "Cannot complete operation because VMware Tools is not running in this virtual machine.",
        ["InsufficientResourcesFault"] = "The host does not have sufficient resources to satisfy this operation.",
        ["NoDiskSpace"] = "Insufficient disk space on the datastore.",
        ["RequestCanceled"] = "The task was canceled by a user.",
        ["Timedout"] = "Operation timed out.",
        ["HostConnectFault"] = "A connection to the host could not be made.",
        ["InvalidRequest"] = "The request is invalid.",
        ["VimFault"] = "An error occurred.",
    };

    /// <summary>The fault object.</summary>
    public DataObject Detail { get; } = detail;

    /// <summary>A fault with the elements that its type has; required ones that are not given are left empty.</summary>
    public static VimFault Of(string type, string? message = null, params (string Name, object? Value)[] elements)
    {
        var detail = Blank.Of(type);
        foreach (var (name, value) in elements)
            detail[name] = value;
        return new(detail, message ?? s_messages.GetValueOrDefault(type) ?? $"The operation failed: {type}.");
    }

    public static VimFault InvalidRequest(string message) => Of("InvalidRequest", message);

    public static VimFault InvalidArgument(string property, string? message = null) =>
        Of("InvalidArgument", message ?? $"A specified parameter was not correct: {property}", ("invalidProperty", property));

    public static VimFault NotFound(Mor reference) => Of("ManagedObjectNotFound",
        $"The object '{reference}' has already been deleted or has not been completely created", ("obj", reference));

    public static VimFault FileNotFound(string path) =>
        Of("FileNotFound", $"File {path} was not found", ("file", path));

    public static VimFault FileAlreadyExists(string path) => Of("FileAlreadyExists",
        $"Cannot complete the operation because the file or folder {path} already exists", ("file", path));

    public static VimFault NoDiskSpace(string datastore) =>
        Of("NoDiskSpace", $"Insufficient disk space on datastore '{datastore}'.", ("file", ""), ("datastore", datastore));

    /// <summary>Its form in a task, a lease or a list of errors.</summary>
    public DataObject ToLocalized() => new("LocalizedMethodFault") { ["fault"] = Detail, ["localizedMessage"] = Message };
}
