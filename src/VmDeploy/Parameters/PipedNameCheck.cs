namespace VmDeploy.PowerShell;

/// <summary>
/// Every object with a Name binds to -Name. The name of a datastore, network, file, snapshot or of another object of the module
/// must not select a VM, or an object of another kind, with the same name.
/// </summary>
internal static class PipedNameCheck
{
    /// <summary>Refuses the module's own objects, except VMs and those of the other kinds that the cmdlet takes.</summary>
    public static void Run(PSObject? input, params Type[] others)
    {
        if (input?.BaseObject is not { } piped || piped is Vm || Array.IndexOf(others, piped.GetType()) >= 0)
            return;
        // VMs that are made can be named after anything.
        if (others.Length == 0 && piped is FileSystemInfo or System.Diagnostics.Process)
            throw new VmDeployException(ErrorCodes.NotAVm, $"'{input}' is a {piped.GetType().Name}, not a VM.", piped);
        if (IsOwn(piped))
            throw new VmDeployException(ErrorCodes.NotAVm, $"'{input}' is a {piped.GetType().Name}, not a VM.", piped,
                hint: piped is VmTemplate ? ErrorHint.NameOfTemplate : null);
    }

    /// <summary>The session of an object of one kind, or of the others that stand for it; null for a name or a record. Refuses the module's objects of other kinds.</summary>
    public static VmSession? FindSession<T>(PSObject? input, params Type[] others) =>
        input?.BaseObject is not { } piped || !IsOwn(piped) ? null
        : piped is T || Array.IndexOf(others, piped.GetType()) >= 0 ? HostObjectText.SessionOf(piped)
        : throw new VmDeployException(ErrorCodes.PipelineValueInvalid, $"'{input}' is a {piped.GetType().Name}, not a {typeof(T).Name}.", piped);

    private static bool IsOwn(object piped) => piped.GetType().Assembly is var assembly && (assembly == typeof(Vm).Assembly || assembly == typeof(PipedNameCheck).Assembly);
}
