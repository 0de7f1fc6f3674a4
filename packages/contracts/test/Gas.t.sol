// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Backstop} from "../contracts/Backstop.sol";
import {BackstopQueue} from "../contracts/BackstopQueue.sol";
import {CollateralVault} from "../contracts/CollateralVault.sol";
import {CreditBook} from "../contracts/CreditBook.sol";
import {LastPrice} from "../contracts/LastPrice.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {Mandates} from "../contracts/Mandates.sol";
import {PerpLiquidations} from "../contracts/PerpLiquidations.sol";
import {VaultSettlements} from "../contracts/VaultSettlements.sol";
import {BackstopTest} from "./BackstopTest.sol";
import {MarkDownTest} from "./MarkDownTest.sol";
import {SuccessionTest} from "./SuccessionTest.sol";
import {VaultTest} from "./VaultTest.sol";

/// @dev What forge can say of the call before.
interface VmGas {
    struct Gas {
        uint64 gasLimit;
        uint64 gasTotalUsed;
        uint64 gasMemoryUsed;
        int64 gasRefunded;
        uint64 gasRemaining;
    }

    function lastCallGas() external view returns (Gas memory);
}

/// @dev Gas of what is posted, 2 of 3 signatures each. Run by scripts/gas.ts, each call as a transaction of its own.
contract BookGas is MarkDownTest {
    event log_named_uint(string key, uint256 val);

    function setUp() public {
        deployPriced();
    }

    function test_gas() public {
        LimitBook.Limit memory it = limit(1, 100e18);
        bytes[] memory list = signed(it);
        book.accept(it, list);
        emit log_named_uint("accept a first certificate", used());
        it = limit(2, 200e18);
        list = signed(it);
        book.accept(it, list);
        emit log_named_uint("accept a raise", used());
        it = limit(3, 50e18);
        list = signed(it);
        book.accept(it, list);
        emit log_named_uint("accept a cut", used());
        CreditBook.Evidence memory two = evidence(0.001e18, 100_000);
        CreditBook.MarkDown memory order = markDown(1, 50e18, two);
        list = signed(order);
        book.markDown(order, two, list);
        emit log_named_uint("mark down, two lots", used());
    }

    function used() private view returns (uint256) {
        return VmGas(address(vm)).lastCallGas().gasTotalUsed;
    }
}

contract VaultGas is VaultTest {
    event log_named_uint(string key, uint256 val);

    function setUp() public {
        deployVault();
    }

    function test_gas() public {
        token.mint(alice, 20e6);
        vm.startPrank(alice);
        token.approve(address(vault), 20e6);
        vault.deposit(address(token), 10e6);
        emit log_named_uint("deposit, a first", used());
        vault.deposit(address(token), 10e6);
        emit log_named_uint("deposit, another", used());
        vault.enableEscrow(address(token), VENUE_CHAIN, venue, escrow, 9e6);
        emit log_named_uint("enable an escrow", used());
        vm.stopPrank();
        CollateralVault.Release memory one = order("1", alice, 1e6);
        bytes[] memory list = signed(one);
        vault.release(one, list);
        emit log_named_uint("release", used());
        VaultSettlements.Settlement memory it = claim("1", alice, 4e6);
        list = signed(it);
        vault.queueSettlement(it, list);
        emit log_named_uint("queue a settlement", used());
        vm.warp(START + CHALLENGE);
        vault.paySettlement("1");
        emit log_named_uint("pay a settlement", used());
        vm.startPrank(alice);
        vault.requestEscape(address(token), 5e6);
        emit log_named_uint("request an escape", used());
        vm.warp(START + CHALLENGE + DELAY);
        vault.executeEscape(address(token), alice);
        emit log_named_uint("execute an escape", used());
        vm.stopPrank();
    }

    function used() private view returns (uint256) {
        return VmGas(address(vm)).lastCallGas().gasTotalUsed;
    }
}

/// @dev What keepers and bidders post at a venue with two markets and a backstop.
contract VenueGas is BackstopTest {
    event log_named_uint(string key, uint256 val);

    Mandates private mandates;

    function setUp() public {
        deployVenue();
        backstop = new Backstop(venue, backstopTerms(), owner, guardian);
        mandates = new Mandates(venue, 1 hours, owner, guardian);
        (junior, senior) = (backstop.junior(), backstop.senior());
        vm.startPrank(owner);
        venue.appoint(address(mandates), address(backstop));
        venue.setLiquidationTerms(ETH, PerpLiquidations.LiquidationTerms(1_250_000, 300_000));
        mandates.setIndex(ETH, eth, 1 hours);
        vm.stopPrank();
        supply(junior, jane, 20_000e6);
        supply(senior, sam, 50_000e6);
        usdc.mint(address(backstop), 5_000e6);
        for (uint256 i = 1; i <= 4; ++i) {
            deposit(address(uint160(i)), 2_010e6);
            open(address(uint160(i)), ETH, 10e18);
        }
        deposit(bob, 20_000e6);
        deposit(carol, 60_000e6);
        open(carol, ETH, -100e18);
    }

    function test_gas() public {
        vm.startPrank(address(1));
        mandates.grantMandate(
            keeper,
            ETH,
            Mandates.Mandate({expiresAt: uint64(START + 1 days), maxSharePpm: 500_000, maxSlippagePpm: 1_000})
        );
        emit log_named_uint("grant a mandate", used());
        vm.stopPrank();
        vm.startPrank(keeper);
        mandates.reduce(Mandates.Order(address(1), ETH, 1e18, 0, "1"));
        emit log_named_uint("reduce by a mandate, a first", used());
        mandates.reduce(Mandates.Order(address(1), ETH, 1e18, 0, "2"));
        emit log_named_uint("reduce by a mandate, another", used());
        vm.stopPrank();
        eth.set(1_890e8);
        vm.startPrank(keeper);
        venue.liquidate(address(2), ETH);
        emit log_named_uint("liquidate, in part", used());
        vm.stopPrank();
        eth.set(1_815e8);
        vm.startPrank(keeper);
        venue.liquidate(address(4), ETH);
        emit log_named_uint("liquidate, all", used());
        backstop.inherit(address(3), ETH);
        emit log_named_uint("inherit", used());
        vm.stopPrank();
        vm.warp(START + 300);
        vm.startPrank(bob);
        backstop.bid(ETH, MAX, MAX);
        emit log_named_uint("bid", used());
        vm.stopPrank();
        vm.warp(START + 8_000);
        eth.set(1_815e8);
        vm.startPrank(keeper);
        backstop.unwind(ETH);
        emit log_named_uint("unwind a lot", used());
        vm.stopPrank();
        ruin();
        vm.startPrank(keeper);
        backstop.cover(address(5));
        emit log_named_uint("cover, three layers", used());
        backstop.deleverage(address(5), queue(carol, ETH));
        emit log_named_uint("deleverage, one winner", used());
        vm.stopPrank();
    }

    /// @dev A book of four hundred: what a page of eighty costs, and what paying by seven winners does after that.
    function test_gas_of_a_large_book() public {
        BackstopQueue.Winner[] memory list = new BackstopQueue.Winner[](20);
        for (uint256 i = 0; i < 400; ++i) {
            address account = address(uint160(0x10000 + i));
            deposit(account, 500e6);
            open(account, ETH, -1e18 - int256(i) * 0.001e18);
            if (i >= 380) list[399 - i] = BackstopQueue.Winner(account, ETH);
        }
        vm.startPrank(carol);
        venue.reduce(ETH, MAX, MAX);
        vm.stopPrank();
        ruin();
        backstop.cover(address(5));
        for (uint256 i = 0; i < 5; ++i) {
            backstop.checkQueue(address(5), list, i < 4 ? 80 : MAX);
            if (i == 0) emit log_named_uint("check a page of 80, a first", used());
            if (i == 1) emit log_named_uint("check a page of 80, another", used());
        }
        backstop.deleverage(address(5), list);
        emit log_named_uint("deleverage, 20 winners", used());
    }

    function ruin() private {
        eth.set(2_000e8);
        deposit(address(5), 40_200e6);
        open(address(5), ETH, 200e18);
        eth.set(1_350e8);
        venue.liquidate(address(5), ETH);
    }

    function used() private view returns (uint256) {
        return VmGas(address(vm)).lastCallGas().gasTotalUsed;
    }
}

contract SuccessionGas is SuccessionTest {
    event log_named_uint(string key, uint256 val);

    function setUp() public {
        deploySuccession();
        pass(DEAD + 1);
    }

    function test_gas() public {
        LastPrice last = new LastPrice("ETH / USD", 1_900e8, 8);
        vm.startPrank(owner);
        successions.nameSuccessor(ETH, last, RHYTHM);
        emit log_named_uint("name a successor", VmGas(address(vm)).lastCallGas().gasTotalUsed);
        vm.stopPrank();
        pass(NOTICE);
        vm.startPrank(keeper);
        successions.succeed(ETH);
        emit log_named_uint("succeed", VmGas(address(vm)).lastCallGas().gasTotalUsed);
        vm.stopPrank();
    }
}
