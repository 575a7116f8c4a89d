using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace VmDeploy.QuickStart;

/// <summary>The console host of a PowerShell engine. It answers no prompts.</summary>
internal sealed class ConsoleHost : PSHost
{
    public override string Name => "QuickStart";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override PSHostUserInterface UI { get; } = new ConsoleInterface();

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    private sealed class ConsoleInterface : PSHostUserInterface
    {
        public override PSHostRawUserInterface? RawUI => null;

        public override void Write(string value) => Console.Write(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Console.Write(value);

        public override void WriteLine(string value) => Console.WriteLine(value);

        public override void WriteErrorLine(string value) => Console.Error.WriteLine(value);

        public override void WriteDebugLine(string message) => Console.WriteLine($"DEBUG: {message}");

        public override void WriteVerboseLine(string message) => Console.WriteLine($"VERBOSE: {message}");

        public override void WriteWarningLine(string message) => Console.WriteLine($"WARNING: {message}");

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override string ReadLine() => throw Unanswered();

        public override SecureString ReadLineAsSecureString() => throw Unanswered();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw Unanswered();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw Unanswered();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            throw Unanswered();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw Unanswered();

        private static HostException Unanswered() => new("QuickStart has no prompts.");
    }
}
