using System.Linq;
using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>Lists the open sessions of this runspace.</summary>
[Cmdlet(VerbsCommon.Get, "VmSession")]
[OutputType(typeof(VmSession))]
public sealed class GetVmSessionCommand : PSCmdlet
{
    /// <summary>Server names, with wildcards.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    public string[] Server { get; set; } = ["*"];

    /// <summary>Session numbers.</summary>
    [Parameter]
    public int[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var patterns = Server.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        foreach (var session in SessionTable.Current.Open)
        {
            if (patterns.Exists(pattern => pattern.IsMatch(session.Server)) && (Id.Length == 0 || Id.Contains(session.Id)))
                WriteObject(session);
        }
    }
}
