using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>
/// Every object with a Name binds to -Name. That of a datastore, network, host or template is not the name of a VM that is
/// meant, although a VM may be called the same.
/// </summary>
internal static class PipedNameCheck
{
    /// <summary>Refuses an object of this module that is not a VM.</summary>
    /// <exception cref="VmDeployException"><c>NotAVm</c>.</exception>
    public static void Run(PSObject? input)
    {
        if (input?.BaseObject is VmDatastore or VmNetwork or VmHypervisor or VmTemplate or VmSession)
            throw new VmDeployException(ErrorCodes.NotAVm, $"'{input}' is a {input.BaseObject.GetType().Name}, not a VM.", input.BaseObject);
    }
}
