namespace VmDeploy.PowerShell;

/// <summary>
/// Every object with a Name binds to -Name. The name of a datastore, network, file, snapshot or of another object of the module
/// must not select a VM with the same name.
/// </summary>
internal static class PipedNameCheck
{
    /// <summary>Refuses the module's own objects, except VMs and those of the other kinds that the cmdlet takes.</summary>
    public static void Run(PSObject? input, params Type[] others)
    {
        if (input?.BaseObject is not { } piped || piped is Vm || Array.IndexOf(others, piped.GetType()) >= 0)
            return;
        if (piped.GetType().Assembly is { } assembly && (assembly == typeof(Vm).Assembly || assembly == typeof(PipedNameCheck).Assembly))
            throw new VmDeployException(ErrorCodes.NotAVm, $"'{input}' is a {piped.GetType().Name}, not a VM.", piped,
                hint: piped is VmTemplate ? ErrorHint.NameOfTemplate : null);
    }
}
