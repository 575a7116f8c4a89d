using System.Management.Automation;

namespace VmDeploy.Help;

/// <summary>A cmdlet, as its class describes it.</summary>
internal sealed class Command
{
    public Command(Type type)
    {
        var cmdlet = type.Attributes<CmdletAttribute>().Single();
        Verb = cmdlet.Texts()[0];
        Noun = cmdlet.Texts()[1];
        var instance = Activator.CreateInstance(type)!;
        Parameters =
        [
            .. type.GetProperties().Where(property => property.Attributes<ParameterAttribute>().Any())
                .Select(property => new CommandParameter(property, instance)).Where(parameter => !parameter.IsHidden),
            .. cmdlet.Named(nameof(CmdletAttribute.SupportsShouldProcess), false) ? CommandParameter.OfShouldProcess : [],
        ];
        var first = cmdlet.Named(nameof(CmdletAttribute.DefaultParameterSetName), "");
        Sets = [.. Parameters.SelectMany(parameter => parameter.Sets).Distinct().DefaultIfEmpty(Binding.AllSets).OrderBy(set => set != first)];
    }

    public string Verb { get; }

    public string Noun { get; }

    public string Name => $"{Verb}-{Noun}";

    /// <summary>In the order of their declaration, without hidden ones.</summary>
    public IReadOnlyList<CommandParameter> Parameters { get; }

    /// <summary>The parameter sets, the default one first.</summary>
    public IReadOnlyList<string> Sets { get; }
}
