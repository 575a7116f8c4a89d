namespace VmDeploy.PowerShell;

/// <summary>
/// Every object with a Name binds to -Name. The name of a datastore, network, host or template
/// must not select a VM with the same name.
/// </summary>
internal static class PipedNameCheck
{
    public static void Run(PSObject? input)
    {
        if (input?.BaseObject is VmDatastore or VmNetwork or VmHypervisor or VmTemplate or VmSession or IVmDevice)
            throw new VmDeployException(ErrorCodes.NotAVm, $"'{input}' is a {input.BaseObject.GetType().Name}, not a VM.", input.BaseObject);
    }
}
